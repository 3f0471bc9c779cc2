import { createKey } from "../../core/key.ts"

/** Where `connect` sends a request: the next hop's URL. Set by discovery or by `connectTo`. */
export const nextUrl = createKey<string | undefined>("next-url", undefined)
