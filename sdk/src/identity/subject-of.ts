import { decodeToken } from "./decode-token.ts"

/**
 * The SPIFFE id of who made a token; undefined where there is none or it cannot be read: in a mesh
 * without identities tokens say nothing, and elsewhere policies judge them.
 */
export function subjectOf(token: string): string | undefined {
  try {
    return decodeToken(token).subject
  } catch {
    return undefined
  }
}
