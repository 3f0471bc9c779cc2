import { chain, element, type Element } from "../../core/chain.ts"
import { containsPrefix } from "../../tools/prefix.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { withoutAddresses } from "./address-pair.ts"
import { groupIpam, type GroupIpamOptions } from "./group.ts"

/**
 * As `groupIpam`, but a client keeps no address that is not of these groups.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function strictIpam({ groups }: GroupIpamOptions): Element<NetworkService> {
  const own = groups.flat()
  const dropForeign = element<NetworkService>("drop-foreign-addresses", (next) => ({
    async request(request, call) {
      const connection = withoutAddresses(
        connectionOf(request),
        (address) => !own.some((prefix) => containsPrefix(prefix, address)),
      )
      return next.request({ ...request, connection }, call)
    },
  }))
  return chain("strict-ipam", dropForeign, groupIpam({ groups }))
}
