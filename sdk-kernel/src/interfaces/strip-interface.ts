import { deleteAddress } from "../links/address.ts"
import { Links } from "../links/links.ts"
import { deleteNeighbour } from "../links/neighbour.ts"
import { deleteRoute } from "../links/route.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { InterfaceSetup } from "./interface-setup.ts"

/** Takes addresses, routes and neighbours from an interface; what it does not have is no error. */
export async function stripInterface(
  namespace: NetworkNamespace,
  name: string,
  surplus: Pick<InterfaceSetup, "addresses" | "routes" | "neighbours">,
): Promise<void> {
  const { addresses = [], routes = [], neighbours = [] } = surplus
  const link = new Links(namespace).get(name)
  namespace.netlink.request([
    ...routes.map((route) => deleteRoute(link, route)),
    ...neighbours.map(({ ip }) => deleteNeighbour(link, ip)),
    ...addresses.map((address) => deleteAddress(link, address)),
  ])
}
