import type { Peer } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import { subjectOf } from "./subject-of.ts"

/**
 * Refuses a token that names somebody else than its caller: with a key of one's own, any name can be
 * signed. Fails with TOKEN_INVALID. Of callers that prove nothing, nothing is asked.
 */
export function checkCallersToken(token: string, caller: Peer | undefined): void {
  if (caller?.id === undefined || token === "") return
  const subject = subjectOf(token)
  if (subject === undefined || subject === caller.id) return
  throw new NsmError("TOKEN_INVALID", `the caller is ${caller.id}, but its token names ${subject}`)
}
