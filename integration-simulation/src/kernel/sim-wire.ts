import type { Wire } from "@nsm/sdk-kernel"
import type { Interface } from "./interface.ts"
import type { Kernel } from "./kernel.ts"

/** Who makes wires, and where. */
export interface Maker {
  readonly kernel: Kernel
  /** Name of the forwarder. */
  readonly owner: string
}

/** What cannot change while a wire stands. */
export function linksOf(wire: Wire): string {
  const ends = wire.ends.map(({ namespace, name, alias, mac }) => [namespace, name, alias, mac])
  return JSON.stringify([ends, wire.kind === "vxlan" ? wire.tunnel : undefined])
}

/** The interfaces of a wire if all of them are still there. */
export function intact(
  interfaces: readonly Interface[],
  kernel: Kernel,
): readonly Interface[] | undefined {
  return interfaces.every((one) => kernel.isThere(one)) ? interfaces : undefined
}

/** What an earlier run of the forwarder left of exactly this wire. */
export function adopted(wire: Wire, { kernel, owner }: Maker): readonly Interface[] | undefined {
  const tunnel = wire.kind === "vxlan" ? JSON.stringify(wire.tunnel) : undefined
  const found = wire.ends.flatMap(({ namespace, name, alias, mac }) => {
    const one = kernel.open(namespace).named(name)
    const isOurs = one?.alias === alias && one.mac === mac && one.owner === owner
    return isOurs && JSON.stringify(one.tunnel) === tunnel ? [one] : []
  })
  if (found.length < wire.ends.length) return undefined
  const [first, second] = found
  return !second || first?.peer === second ? intact(found, kernel) : undefined
}

/** Makes the interfaces of a wire, in place of what others left under its aliases. */
export function made(wire: Wire, { kernel, owner }: Maker): readonly Interface[] {
  const tunnel = wire.kind === "vxlan" ? wire.tunnel : undefined
  const interfaces = wire.ends.map((setup): Interface => {
    const namespace = kernel.open(setup.namespace)
    for (const left of namespace.aliased(setup.alias)) kernel.delete(left)
    const { name, alias, mac } = setup
    const index = kernel.nextIndex
    return { namespace, index, name, alias, mac, owner, tunnel, peer: undefined, setup }
  })
  const [one, two] = interfaces
  if (one && two) [one.peer, two.peer] = [two, one]
  kernel.add(...interfaces)
  return interfaces
}
