import type { Connection } from "@nsm/api"
import { NsmError } from "../../core/errors.ts"
import { type Prefix, parsePrefix } from "../../tools/prefix.ts"
import { ipContextOf } from "../connection.ts"

/** The prefixes that a connection's addresses must not lie in. */
export function excludedOf(connection: Connection): Prefix[] {
  return ipContextOf(connection).excludedPrefixes.map((text) => {
    const prefix = parsePrefix(text)
    if (prefix) return prefix
    throw new NsmError("INVALID_REQUEST", `excluded prefix ${JSON.stringify(text)} is not a prefix`)
  })
}
