import type { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"
import type { TrustBundles } from "./identity.ts"
import { svidId, urisOf } from "./svid-id.ts"
import { parseSpiffeId } from "./spiffe-id.ts"

/** A leaf, then what leads from it to a root, in that order. */
export type Certificates = readonly [X509Certificate, ...X509Certificate[]]

/** Whom to believe, and when it is. */
export interface VerifyChainOptions {
  readonly bundles: TrustBundles
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number
}

/**
 * The SPIFFE id that a chain of certificates proves: it leads to a root of the id's own trust domain,
 * and every certificate on the way is valid (SPIFFE X509-SVID, section 5). Fails with IDENTITY_INVALID
 * when the leaf can be nobody's, with PEER_NOT_TRUSTED when it is not to be believed here and now.
 */
export function verifyChain(
  [leaf, ...above]: Certificates,
  { bundles, now }: VerifyChainOptions,
): string {
  const id = svidId(leaf)
  const { trustDomain } = parseSpiffeId(id)
  const roots = bundles.get(trustDomain)
  if (!roots) {
    const known = [...bundles.keys()].join(", ") || "none"
    throw new NsmError(
      "PEER_NOT_TRUSTED",
      `${id} is of the trust domain ${trustDomain}, which is not joined with this one (known: ${known})`,
      { remedy: "Join the trust domains with nsm trust join." },
    )
  }
  checkTime(leaf, `the certificate of ${id}`, now)
  if (!leadsToRoot([leaf, ...above], roots, { id, now })) {
    throw new NsmError(
      "PEER_NOT_TRUSTED",
      `the certificate of ${id} does not lead to any of the ${roots.length} valid roots of the trust domain ${trustDomain} that are known here`,
      {
        remedy:
          "Have it issued by its trust domain's authority, or fetch that domain's bundle anew.",
      },
    )
  }
  return id
}

/** Follows the certificates as they were shown; each has to be issued by the next, or by a root. */
function leadsToRoot(
  chain: Certificates,
  roots: readonly X509Certificate[],
  { id, now }: { id: string; now: number },
): boolean {
  const valid = roots.filter((root) => isValidAt(root, now))
  for (const [at, certificate] of chain.entries()) {
    if (valid.some((root) => isIssuedBy(certificate, root))) return true
    const next = chain[at + 1]
    if (!next?.ca || !isIssuedBy(certificate, next) || !mayIssueFor(id, next)) return false
    checkTime(next, `an intermediate certificate of ${id}`, now)
  }
  return false
}

/** Where trust domains share a root, none of their authorities may issue for another one. */
function mayIssueFor(id: string, issuer: X509Certificate): boolean {
  return urisOf(issuer).every((uri) => id.startsWith(`${uri}/`))
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now < validToDate.getTime()
}

function checkTime(certificate: X509Certificate, whose: string, now: number): void {
  if (isValidAt(certificate, now)) return
  const { validFromDate: from, validToDate: to } = certificate
  const isEarly = !(from.getTime() <= now)
  throw new NsmError(
    "PEER_NOT_TRUSTED",
    `${whose} ${isEarly ? `is valid from ${written(from)} on` : `expired at ${written(to)}`}, and it is ${new Date(now).toISOString()} here`,
    {
      remedy:
        "Compare the clocks of both machines, and see whether the peer gets its certificate renewed.",
    },
  )
}

/** A certificate may hold what is no time. */
function written(time: Date): string {
  return Number.isNaN(time.getTime()) ? "no time" : time.toISOString()
}
