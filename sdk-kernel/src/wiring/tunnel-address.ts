import { NsmError, parsePrefix } from "@nsm/sdk"
import { Addresses } from "../links/addresses.ts"
import { Links } from "../links/links.ts"
import { mainTable } from "../links/route.ts"
import { Routes } from "../links/routes.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** Where tunnels of a node begin. */
export interface TunnelAddress {
  readonly ip: string
  /** Of the interface with that address. */
  readonly linkMtu: number
}

/** Which address to take. */
export interface TunnelAddressOptions {
  /** @default the first of the interface that the default route leaves by */
  readonly ip?: string | undefined
}

/** Finds the node's address for tunnels; undefined when none is asked for and no route leads out. */
export function findTunnelAddress(
  node: NetworkNamespace,
  { ip }: TunnelAddressOptions = {},
): TunnelAddress | undefined {
  const addresses = new Addresses(node).list().map(({ index, address }) => ({
    index,
    ip: address.split("/")[0] ?? "",
  }))
  const found = ip === undefined ? onDefaultRoute(node, addresses) : withIp(addresses, ip)
  if (found) return { ip: found.ip, linkMtu: new Links(node).get(found.index).mtu }
  if (ip === undefined) return undefined
  const known = addresses.filter(isForTunnels).map((address) => address.ip)
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `no interface of this node has the tunnel address ${ip}; it has ${known.join(", ") || "none"}`,
  )
}

interface Placed {
  readonly index: number
  readonly ip: string
}

function onDefaultRoute(node: NetworkNamespace, addresses: readonly Placed[]): Placed | undefined {
  const routes = new Routes(node)
    .list()
    .filter(({ prefix, table }) => table === mainTable && prefix.endsWith("/0"))
    .toSorted((one, other) => (one.metric ?? 0) - (other.metric ?? 0))
  for (const prefix of ["0.0.0.0/0", "::/0"]) {
    const family = parsePrefix(prefix)?.family
    for (const route of routes.filter((one) => one.prefix === prefix)) {
      const found = addresses.find(
        (address) =>
          address.index === route.index &&
          parsePrefix(address.ip)?.family === family &&
          isForTunnels(address),
      )
      if (found) return found
    }
  }
  return undefined
}

function withIp(addresses: readonly Placed[], ip: string): Placed | undefined {
  const wanted = parsePrefix(ip)?.first
  return addresses.find((address) => parsePrefix(address.ip)?.first === wanted)
}

/** Neither the loopback's nor one that only holds on its link. */
function isForTunnels({ ip }: Placed): boolean {
  return !ip.startsWith("127.") && ip !== "::1" && !ip.startsWith("fe80:")
}
