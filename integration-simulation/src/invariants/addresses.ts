import { clientIdOf, clientsEnds } from "../kernel/alias.ts"
import type { Interface } from "../kernel/interface.ts"
import { namespaceUrl } from "../parts/places.ts"
import type { Invariant, Violation } from "./invariant.ts"

/** A client has one wire for a connection, and on it one address of each family. */
export function oneAddressEach(): Invariant {
  return {
    name: "a client never holds two addresses for one connection",
    *look({ world: { kernel }, mesh }) {
      for (const { id, client, namespaceUrl } of mesh.wires) {
        const home = kernel.find(namespaceUrl)
        const own = home ? clientsEnds(home, id) : []
        const place = { connection: id, hop: client }
        if (own.length > 1) {
          yield { ...place, text: `two interfaces: ${own.map(({ name }) => name).join(", ")}` }
        }
        const all = own.flatMap(({ setup }) => setup.addresses ?? [])
        for (const family of [isIpv6, isIpv4]) {
          const some = [...new Set(all)].filter(family)
          if (some.length > 1) yield { ...place, text: `two addresses: ${some.join(", ")}` }
        }
      }
    },
  }
}

/** An address belongs to one connection: at the endpoint that gives it, and in its kernel. */
export function noAddressTwice(): Invariant {
  return {
    name: "no address is given twice",
    *look({ world: { kernel, books }, mesh }) {
      for (const { name: hop } of mesh.endpoints) {
        const owners = new Map<string, string>()
        for (const { clientId, connection } of books.entries.get(hop)?.values() ?? []) {
          const { srcIpAddrs = [], dstIpAddrs = [] } = connection.context?.ipContext ?? {}
          yield* twice(owners, [...srcIpAddrs, ...dstIpAddrs], clientId, hop)
        }
      }
      // What an earlier connection left is in nobody's way: a later route takes the place of its own.
      const held = new Map(mesh.wanted.map(({ id, connection }) => [id, connection]))
      for (const { name: hop } of mesh.endpoints) {
        const owners = new Map<string, string>()
        for (const one of kernel.find(namespaceUrl(hop))?.interfaces ?? []) {
          const id = clientIdOf(one.alias)
          if (held.get(id)?.networkServiceEndpointName !== hop) continue
          yield* twice(owners, addressesOf(one), id, hop)
        }
      }
    },
  }
}

/** Of the wire's endpoint, and the client's by the route to it. */
function addressesOf({ setup: { addresses = [], routes = [] } }: Interface): readonly string[] {
  return [...addresses, ...routes.map(({ prefix }) => prefix)]
}

function* twice(
  owners: Map<string, string>,
  addresses: readonly string[],
  connection: string,
  hop: string,
): Generator<Omit<Violation, "invariant">> {
  for (const address of addresses) {
    const owner = owners.get(address) ?? connection
    owners.set(address, owner)
    if (owner !== connection) yield { connection, hop, text: `${address} is ${owner}'s already` }
  }
}

function isIpv6(address: string): boolean {
  return address.includes(":")
}

function isIpv4(address: string): boolean {
  return !isIpv6(address)
}
