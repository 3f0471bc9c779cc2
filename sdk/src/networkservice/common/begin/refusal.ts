import { createKey } from "../../../core/key.ts"

/** Says that a close was turned away before anything was closed. */
export interface Refusal {
  isRefused: boolean
}

/** Where an element marks a close that it turns away, so that the connection lives on. Set by `begin`. */
export const refusal = createKey<Refusal | undefined>("refusal", undefined)
