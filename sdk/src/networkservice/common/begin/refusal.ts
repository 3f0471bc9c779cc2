import type { Call } from "../../../core/call.ts"
import { createKey } from "../../../core/key.ts"

/** Says that a close was turned away before anything was closed. */
export interface Refusal {
  isRefused: boolean
}

/** Where an element marks a close that it turns away, so that the connection lives on. Set by `begin`. */
export const refusal = createKey<Refusal | undefined>("refusal", undefined)

/** Marks a close as turned away, for whoever throws the failure that says why. */
export function turnAway(call: Call): void {
  const refused = call.get(refusal)
  if (refused) refused.isRefused = true
}
