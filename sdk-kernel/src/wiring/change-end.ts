import { addressesInUse } from "../interfaces/addresses-in-use.ts"
import { setupRequests, wayRequests } from "../interfaces/interface-setup.ts"
import { deleteAddress } from "../links/address.ts"
import type { NamedLink } from "../links/link-requests.ts"
import { deleteNeighbour } from "../links/neighbour.ts"
import { deleteRoute } from "../links/route.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { changesBetween } from "./changes.ts"
import { enableIpv6 } from "./ipv6-switches.ts"
import type { WireEnd } from "./wire.ts"

/**
 * Leads an interface from one state to another in one exchange, touching only what differs. What
 * can be done is done even when something is refused, so that the way back leads all the way.
 */
export async function changeEnd(
  namespace: NetworkNamespace,
  link: NamedLink,
  from: WireEnd,
  to: WireEnd,
): Promise<void> {
  const changes = changesBetween(from, to)
  if (!changes) return
  const { surplus, missing } = changes
  if (missing.addresses?.some((address) => address.includes(":"))) enableIpv6(namespace, to.name)
  namespace.netlink.request([
    ...surplus.neighbours.map(({ ip }) => deleteNeighbour(link, ip)),
    ...surplus.routes.map((route) => deleteRoute(link, route)),
    ...surplus.addresses.map((address) => deleteAddress(link, address)),
    ...setupRequests(link, missing),
    ...wayRequests(link, missing),
  ])
  await addressesInUse(namespace, missing.addresses)
}
