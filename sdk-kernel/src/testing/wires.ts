import { createVethPair } from "../interfaces/veth-pair.ts"
import { Addresses } from "../links/addresses.ts"
import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { Neighbours } from "../links/neighbours.ts"
import { Routes } from "../links/routes.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { macOf } from "../wiring/identity.ts"
import { aliasParts } from "../wiring/owner.ts"
import type { Wire, WireEnd } from "../wiring/wire.ts"

/** Where an end of a wire is. */
export interface Place {
  readonly url: string
}

/** The client's end of a wire with both families of addresses. */
export function clientEnd({ url }: Place, changes: Partial<WireEnd> = {}): WireEnd {
  return {
    side: "client",
    namespace: url,
    name: "nsm-1",
    alias: "server-nsc-0",
    mac: macOf("server-nsc-0"),
    mtu: 1446,
    addresses: ["172.16.1.1/32", "2001:db8::1/128"],
    routes: [
      { prefix: "172.16.1.0/32" },
      { prefix: "2001:db8::/128" },
      { prefix: "192.168.0.0/16", gateway: "172.16.1.0" },
    ],
    neighbours: [],
    ...changes,
  }
}

/** The endpoint's end of the same wire. */
export function endpointEnd({ url }: Place, changes: Partial<WireEnd> = {}): WireEnd {
  return {
    side: "endpoint",
    namespace: url,
    name: "nse-1",
    alias: "client-nsc-0",
    mac: macOf("client-nsc-0"),
    mtu: 1446,
    addresses: ["172.16.1.0/32", "2001:db8::/128"],
    routes: [{ prefix: "172.16.1.1/32" }, { prefix: "2001:db8::1/128" }],
    neighbours: [],
    ...changes,
  }
}

/** A wire within a node. */
export function veth(client: WireEnd, endpoint: WireEnd): Wire {
  return { kind: "veth", ends: [client, endpoint] }
}

/** One half of a wire across nodes. */
export function vxlan(end: WireEnd, vni = 77, addresses = underlay): Wire {
  const [local, remote] = end.side === "client" ? addresses : addresses.toReversed()
  return {
    kind: "vxlan",
    ends: [end],
    tunnel: { local: local ?? "", remote: remote ?? "", port: 4789, vni },
  }
}

/** Addresses of two nodes. */
const underlay = ["192.0.2.1", "192.0.2.2"]
/** The same in IPv6. */
export const underlay6 = ["2001:db8:1::1", "2001:db8:1::2"]

/** Puts a cable between two nodes. */
export async function joined(one: NetworkNamespace, two: NetworkNamespace): Promise<void> {
  await createVethPair(
    { namespace: one, name: "eth0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
    { namespace: two, name: "eth0", addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
  )
}

/** The interfaces that are not there from the beginning. */
export function added(namespace: NetworkNamespace): Link[] {
  return new Links(namespace).list().filter(({ name }) => name !== "lo")
}

/** Their names. */
export function names(namespace: NetworkNamespace): string[] {
  return added(namespace).map(({ name }) => name)
}

/** Their indexes. */
export function indexesOf(namespace: NetworkNamespace): number[] {
  return added(namespace).map(({ index }) => index)
}

/** What the kernel says about a namespace, without what it adds by itself and whose the links are. */
export function state(namespace: NetworkNamespace) {
  const links = added(namespace)
  const indexes = new Set(links.map(({ index }) => index))
  const isOwn = (text: string): boolean => !text.startsWith("fe80:") && !text.startsWith("ff00:")
  return {
    links: links.map(({ name, alias, mtu, mac, isUp }) => {
      return { name, alias: aliasParts(alias)?.end, mtu, mac, isUp }
    }),
    addresses: new Addresses(namespace)
      .list()
      .filter(({ index }) => indexes.has(index))
      .map(({ address }) => address)
      .filter(isOwn)
      .toSorted(),
    routes: new Routes(namespace)
      .list()
      .filter(({ table }) => table === 254)
      .map(({ prefix, gateway }) => (gateway === undefined ? prefix : `${prefix} via ${gateway}`))
      .filter(isOwn)
      .toSorted(),
    neighbours: new Neighbours(namespace)
      .list()
      .filter(({ isPermanent }) => isPermanent)
      .map(({ ip, mac }) => `${ip} ${mac}`)
      .toSorted(),
  }
}
