import type { Peer } from "../core/call.ts"
import { decodeToken } from "./decode-token.ts"
import type { Token, TokenSource } from "./token.ts"

/** Between whom a token goes back. */
export interface AnsweredTokenOptions {
  readonly tokens: TokenSource
  readonly caller: Peer | undefined
  /** Whom this process called, and made the token for. */
  readonly callee: Peer | undefined
}

/**
 * The own token of a path for the caller, who gets the path back; undefined when it can stay. It was
 * made for the callee, with the key of the certificate that the callee was shown. The caller checks it
 * with the one that it was shown itself, and they differ when that was renewed in between.
 */
export function answeredToken(
  token: string,
  { tokens, caller, callee }: AnsweredTokenOptions,
): Token | undefined {
  if (!caller?.shown || callee?.id === undefined || caller.shown === callee.shown) return undefined
  // Only what was made for that callee is said again.
  if (!isFor(token, callee.id)) return undefined
  return tokens.token({ address: callee.address, id: callee.id, shown: caller.shown })
}

function isFor(token: string, id: string): boolean {
  try {
    return decodeToken(token).audience?.includes(id) === true
  } catch {
    return false
  }
}
