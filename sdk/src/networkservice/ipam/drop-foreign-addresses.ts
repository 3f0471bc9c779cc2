import type { Connection } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { containsPrefix, type Prefix } from "../../tools/prefix.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { withoutAddresses } from "./address-pair.ts"

/** Which addresses are foreign, and when they go. */
export interface DropForeignAddressesOptions {
  /** All pools of this endpoint. */
  readonly groups: readonly (readonly Prefix[])[]
  /** Which connections keep no others. */
  readonly when: (connection: Connection) => boolean
}

/**
 * Takes away addresses that are not of this endpoint, and the host routes to them.
 *
 * Placement: before what gives addresses.
 */
export function dropForeignAddresses({
  groups,
  when,
}: DropForeignAddressesOptions): Element<NetworkService> {
  const own = groups.flat()
  return element("drop-foreign-addresses", (next) => ({
    async request(request, call) {
      const asked = connectionOf(request)
      if (!when(asked)) return await next.request(request, call)
      const isForeign = (address: Prefix): boolean =>
        !own.some((prefix) => containsPrefix(prefix, address))
      const connection = withoutAddresses(asked, isForeign)
      return await next.request({ ...request, connection }, call)
    },
  }))
}
