import type { InterfaceSetup } from "../interfaces/interface-setup.ts"
import type { Wire, WireEnd } from "./wire.ts"

/** What an interface has beyond what it shall have. */
export type Surplus = Required<Pick<InterfaceSetup, "addresses" | "routes" | "neighbours">>

/** The way from one state of an interface to another: first the surplus goes, then the rest comes. */
export interface Changes {
  readonly surplus: Surplus
  readonly missing: InterfaceSetup
}

/**
 * Whether the interfaces of a wire can stay when it becomes the other, provided that they are where
 * they shall be: one namespace can have several URLs.
 */
export function hasSameLinks(one: Wire, other: Wire): boolean {
  return links(one) === links(other)
}

function links(wire: Wire): string {
  const ends = wire.ends.map(({ name, alias, mac }) => [name, alias, mac])
  if (wire.kind === "veth") return JSON.stringify(ends)
  const { local, remote, port, vni } = wire.tunnel
  return JSON.stringify([ends, local, remote, port, vni])
}

/** What has to change on an interface; undefined when nothing has. */
export function changesBetween(from: WireEnd, to: WireEnd): Changes | undefined {
  const surplus = {
    addresses: to.addresses ? beyond(from.addresses, to.addresses, (address) => address) : [],
    routes: beyond(from.routes, to.routes, ({ prefix }) => prefix),
    neighbours: beyond(from.neighbours, to.neighbours, ({ ip }) => ip),
  }
  // the kernel drops routes and neighbours of its own accord when addresses go: put all of them
  const base = surplus.addresses.length > 0 ? undefined : from
  const missing = {
    ...(from.mtu !== to.mtu && { mtu: to.mtu }),
    addresses: beyond(to.addresses, base?.addresses, JSON.stringify),
    routes: beyond(to.routes, base?.routes, JSON.stringify),
    neighbours: beyond(to.neighbours, base?.neighbours, JSON.stringify),
  }
  const count = [...Object.values(surplus), missing.addresses, missing.routes, missing.neighbours]
  const isSame = missing.mtu === undefined && count.every((list) => list.length === 0)
  return isSame ? undefined : { surplus, missing }
}

/** Those of a list that the other list does not have. */
function beyond<T>(
  list: readonly T[] = [],
  other: readonly T[] = [],
  key: (item: T) => string,
): readonly T[] {
  const known = new Set(other.map((item) => key(item)))
  return list.filter((item) => !known.has(key(item)))
}
