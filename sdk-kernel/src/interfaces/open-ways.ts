import type { NamedLink } from "../links/link-requests.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { addressesInUse } from "./addresses-in-use.ts"
import { type InterfaceSetup, wayRequests } from "./interface-setup.ts"

/**
 * Opens the ways that lead through an interface once its namespace answers at its addresses. Of what
 * went through before, the answers would be lost, and a neighbour is asked for again only after a
 * second.
 */
export async function openWays(
  namespace: NetworkNamespace,
  link: NamedLink,
  setup: InterfaceSetup,
): Promise<void> {
  await addressesInUse(namespace, setup.addresses)
  const requests = wayRequests(link, setup)
  if (requests.length > 0) namespace.netlink.request(requests)
}
