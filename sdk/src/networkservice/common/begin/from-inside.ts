import { createKey } from "../../../core/key.ts"

/** Whether a call was started inside the chain, though with the values of a caller's. Set by `begin`. */
export const fromInside = createKey<boolean>("from-inside", false)
