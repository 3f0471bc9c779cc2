import { chain, type Element } from "../../core/chain.ts"
import type { NetworkService } from "../service.ts"
import { dropForeignAddresses } from "./drop-foreign-addresses.ts"
import { groupIpam, type GroupIpamOptions } from "./group.ts"

/**
 * As `groupIpam`, but a client keeps no address that is not of these groups.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function strictIpam(options: GroupIpamOptions): Element<NetworkService> {
  const { groups } = options
  return chain(
    "strict-ipam",
    dropForeignAddresses({ groups, when: () => true }),
    groupIpam(options),
  )
}
