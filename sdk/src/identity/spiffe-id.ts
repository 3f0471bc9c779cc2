import { NsmError } from "../core/errors.ts"

/** What a SPIFFE id says. */
export interface SpiffeId {
  readonly trustDomain: string
  /** Empty for the trust domain itself, or begins with a slash. */
  readonly path: string
}

const longest = 2048
const form = /^spiffe:\/\/(?<trustDomain>[^/]+)(?<path>\/.*)?$/s
const trustDomainForm = /^[a-z0-9._-]{1,255}$/
const segmentForm = /^[A-Za-z0-9._-]+$/

/**
 * Reads `spiffe://trust-domain/path` (SPIFFE-ID, section 2): the trust domain in lower case, the path
 * of letters, digits, dots, dashes and underscores, without empty segments, `.` and `..`.
 */
export function parseSpiffeId(id: string): SpiffeId {
  const { trustDomain = "", path = "" } = form.exec(id)?.groups ?? {}
  const isValid = id.length <= longest && isTrustDomain(trustDomain) && isPath(path)
  if (isValid) return { trustDomain, path }
  throw new NsmError(
    "INVALID_REQUEST",
    `"${id.slice(0, 100)}" is no SPIFFE id: write spiffe://trust-domain/path, with letters, digits, ".", "-" and "_" in between the slashes`,
  )
}

/** Whether a text can name a trust domain. */
export function isTrustDomain(text: string): boolean {
  return trustDomainForm.test(text)
}

function isPath(path: string): boolean {
  return (
    path === "" ||
    path
      .slice(1)
      .split("/")
      .every((segment) => segmentForm.test(segment) && segment !== "." && segment !== "..")
  )
}
