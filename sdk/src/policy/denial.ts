import { NsmError } from "../core/errors.ts"
import type { Denied, Policy } from "./policy.ts"

/**
 * What the caller gets when a policy says no. It ends as people know it from the Go implementation,
 * and says what to do in its text, because remedies do not cross the wire.
 */
export function denial({ name }: Policy, { rule, why, remedy }: Denied): NsmError {
  return new NsmError(
    "PERMISSION_DENIED",
    `policy ${name} asks that ${rule}: ${why}; ${remedy}; no sufficient privileges`,
    { remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.` },
  )
}

/** What the caller gets when a policy cannot be evaluated: a doubt is a no. */
export function failure({ name }: Policy, cause: unknown): NsmError {
  const { text } = NsmError.from(cause)
  return new NsmError("POLICY_FAILED", `policy ${name} could not be evaluated: ${text}`, { cause })
}
