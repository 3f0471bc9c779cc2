import { NsmError } from "@nsm/sdk"
import { configureInterface } from "../interfaces/configure-interface.ts"
import { deleteInterface } from "../interfaces/delete-interface.ts"
import type { InterfaceSetup } from "../interfaces/interface-setup.ts"
import { createVethPair, type VethEnd } from "../interfaces/veth-pair.ts"
import { createVxlan } from "../interfaces/vxlan.ts"
import type { Link } from "../links/link.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { transaction } from "../transaction.ts"
import { enableIpv6 } from "./ipv6-switches.ts"
import type { Joint, WireEnd } from "./wire.ts"

/** An end of a wire with its namespace opened. */
export interface OpenEnd {
  readonly end: WireEnd
  readonly namespace: NetworkNamespace
}

/** An end of a wire that is to be made. */
export interface UnmadeEnd extends OpenEnd {
  /** Whether a new interface has IPv6 there at once. */
  readonly hasIpv6: boolean
}

/**
 * Makes the interfaces of a wire with all that is on them, or nothing; answers them in the order of the
 * ends. Tunnels have their sockets in the namespace `node`.
 */
export type MakeWire = (
  joint: Joint,
  ends: readonly UnmadeEnd[],
  node: NetworkNamespace,
) => Promise<readonly Link[]>

/** Makes it on this thread, which the kernel holds up meanwhile. */
export const makeWire: MakeWire = async (joint, ends, node) => {
  const newborns = ends.map(({ end, namespace, hasIpv6 }) => ({
    ...(hasIpv6 ? end : bare(end)),
    namespace,
    name: end.name,
  }))
  const [one, two] = newborns
  if (!one) throw new NsmError("INTERNAL", "a wire without ends")
  return await transaction(async (undo) => {
    const links = await makeLinks(joint, one, two, node)
    undo(`delete "${one.name}"`, () => deleteInterface(one.namespace, one.name))
    for (const { end, namespace, hasIpv6 } of ends) {
      if (hasIpv6) continue
      enableIpv6(namespace, end.name)
      await configureInterface(namespace, end.name, belongings(end))
    }
    return links
  })
}

async function makeLinks(
  joint: Joint,
  one: VethEnd,
  two: VethEnd | undefined,
  node: NetworkNamespace,
): Promise<readonly Link[]> {
  if (joint.kind === "vxlan") return [await createVxlan({ ...one, ...joint.tunnel, node })]
  if (two) return await createVethPair(one, two)
  throw new NsmError("INTERNAL", "a pair with one end")
}

/** The interface alone, where what belongs to it has to wait for IPv6 to be switched on. */
function bare({ mtu, mac, alias }: WireEnd): InterfaceSetup {
  return { mtu, mac, alias }
}

function belongings({ addresses = [], routes = [], neighbours = [] }: WireEnd): InterfaceSetup {
  return { addresses, routes, neighbours }
}
