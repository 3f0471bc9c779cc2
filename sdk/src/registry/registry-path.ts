import { createKey } from "../core/key.ts"
import { NsmError } from "../core/errors.ts"

/** The hops that a registration passes, by the tokens that they made. */
export interface RegistryPath {
  /** Which of the tokens is that of the hop that sends the path, or of this one. */
  readonly index: number
  readonly tokens: readonly string[]
}

/** The path before its first hop. */
export const emptyPath: RegistryPath = { index: 0, tokens: [] }

/** The path of a call as this hop knows it; what the next hop answers takes its place. */
export interface PathHolder {
  /** Undefined before the first answer, where the call begins. */
  path?: RegistryPath
}

/**
 * Holds the path of a registration. A server puts the caller's in; a client sends what is in, and puts
 * in what it was answered. Whoever looks at answers in a client gives it an empty holder.
 */
export const registryPath = createKey<PathHolder | undefined>("registry-path", undefined)

/** Far above any path in use. */
const longest = 256 * 1024
const mostSegments = 256

/** Writes a path as peers expect it in the header `path`. */
export function encodePath({ index, tokens }: RegistryPath): string {
  const PathSegments = tokens.length === 0 ? null : tokens.map((token) => ({ token }))
  return JSON.stringify({ Index: index, PathSegments })
}

/** Reads the header `path`. What comes out can be sent on as it is. */
export function decodePath(text: string): RegistryPath {
  if (text.length > longest) throw invalid(`has more than ${longest} characters`)
  const path = parsed(text)
  const { Index: index = 0, PathSegments: segments } = path
  if (!isIndex(index)) throw invalid("has an Index that is no whole number from 0 on")
  const tokens = tokensOf(segments ?? [])
  if (index > 0 && index >= tokens.length) {
    throw invalid(`has the Index ${index}, but ${tokens.length} PathSegments`)
  }
  return { index, tokens }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const path: unknown = JSON.parse(text)
    if (typeof path === "object" && path !== null && !Array.isArray(path)) return { ...path }
  } catch {
    // Its words would quote the header, and with it tokens.
  }
  throw invalid("is no JSON object")
}

function isIndex(index: unknown): index is number {
  return Number.isSafeInteger(index) && (index as number) >= 0
}

function tokensOf(segments: unknown): string[] {
  if (!Array.isArray(segments)) throw invalid("has PathSegments that are no list")
  if (segments.length > mostSegments) throw invalid(`has more than ${mostSegments} PathSegments`)
  return segments.map((segment: { readonly token?: unknown } | null, at) => {
    const token = segment === null ? null : (segment.token ?? "")
    if (typeof token === "string" && printable.test(token)) return token
    throw invalid(`has no token in segment ${at}`)
  })
}

/** What a header can carry. */
const printable = /^[\x21-\x7e]*$/

function invalid(why: string): NsmError {
  return new NsmError(
    "PATH_INVALID",
    `the header path ${why}: write {"Index":0,"PathSegments":[{"token":"…"}]}`,
  )
}
