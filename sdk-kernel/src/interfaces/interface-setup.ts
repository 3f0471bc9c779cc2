import { NsmError } from "@nsm/sdk"
import { addAddress } from "../links/address.ts"
import { type Link, decodeLink } from "../links/link.ts"
import { changeLink, getLink, type NamedLink } from "../links/link-requests.ts"
import { type Neighbour, replaceNeighbour } from "../links/neighbour.ts"
import { replaceRoute, type Route } from "../links/route.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { NetlinkRequest } from "../netlink/request.ts"

/** What an interface shall have. What is left out stays as it is. */
export interface InterfaceSetup {
  readonly mtu?: number | undefined
  /** Hardware address. @default the kernel's choice */
  readonly mac?: string | undefined
  /** A text for people, up to 255 bytes. */
  readonly alias?: string | undefined
  /** Whether it is set up. @default true */
  readonly isUp?: boolean | undefined
  /** Addresses with their prefix lengths, `192.0.2.1/32`, `2001:db8::1/128`. */
  readonly addresses?: readonly string[]
  readonly routes?: readonly Route[]
  readonly neighbours?: readonly Neighbour[]
}

/** Asks for what an interface shall be, and for its addresses. */
export function setupRequests(
  link: NamedLink,
  setup: InterfaceSetup,
  reasons: NetlinkRequest["reasons"] = {},
): NetlinkRequest[] {
  const { mtu, mac, alias, isUp = true } = setup
  return [changeLink(link, { mtu, mac, alias, isUp }, reasons), ...addressRequests(link, setup)]
}

/** Asks for the addresses that an interface shall have. */
export function addressRequests(
  link: NamedLink,
  { addresses = [] }: InterfaceSetup,
): NetlinkRequest[] {
  return addresses.map((address) => addAddress(link, address))
}

/** Asks for the ways that lead through an interface. */
export function wayRequests(
  link: NamedLink,
  { routes = [], neighbours = [] }: InterfaceSetup,
): NetlinkRequest[] {
  return [
    ...neighbours.map((neighbour) => replaceNeighbour(link, neighbour)),
    ...routes.map((route) => replaceRoute(link, route)),
  ]
}

/**
 * Gives an interface what it shall be, and its addresses, and reads it back, in one exchange with the
 * kernel. `reasons` says what refusals to set it up mean for this kind of interface.
 */
export function setUp(
  namespace: NetworkNamespace,
  link: NamedLink,
  setup: InterfaceSetup,
  reasons: NetlinkRequest["reasons"] = {},
): Link {
  const requests = [...setupRequests(link, setup, reasons), getLink(link.index)]
  const [message] = namespace.netlink.request(requests).at(-1) ?? []
  if (message) return decodeLink(message)
  throw new NsmError("INTERNAL", `find an interface in ${namespace.origin}: an empty answer`)
}
