import { createKey } from "../../../core/key.ts"

/** Whether the connection that a call is about has been granted before. Set by `begin`. */
export const established = createKey<boolean>("established", false)
