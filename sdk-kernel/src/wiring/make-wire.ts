import { NsmError } from "@nsm/sdk"
import { configureInterface } from "../interfaces/configure-interface.ts"
import { deleteInterface } from "../interfaces/delete-interface.ts"
import type { InterfaceSetup } from "../interfaces/interface-setup.ts"
import { createVethPair, type VethEnd } from "../interfaces/veth-pair.ts"
import { createVxlan } from "../interfaces/vxlan.ts"
import type { Link } from "../links/link.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { transaction } from "../transaction.ts"
import { enableIpv6, type Ipv6Switches } from "./ipv6-switches.ts"
import type { Wire, WireEnd } from "./wire.ts"

/** An end of a wire with its namespace opened. */
export interface OpenEnd {
  readonly end: WireEnd
  readonly namespace: NetworkNamespace
}

/** What a wire is made in. */
export interface Surroundings {
  /** Where tunnels have their sockets. */
  readonly node: NetworkNamespace
  readonly ipv6: Ipv6Switches
}

/** Makes the interfaces of a wire with all that is on them, or nothing. */
export async function makeWire(
  wire: Wire,
  ends: readonly OpenEnd[],
  { node, ipv6 }: Surroundings,
): Promise<readonly Link[]> {
  const prepared = ends.map((open) => ({ ...open, hasIpv6: !ipv6.isOff(open.namespace) }))
  const newborns = prepared.map(({ end, namespace, hasIpv6 }) => ({
    ...(hasIpv6 ? end : bare(end)),
    namespace,
    name: end.name,
  }))
  const [one, two] = newborns
  if (!one) throw new NsmError("INTERNAL", "a wire without ends")
  return await transaction(async (undo) => {
    const links = await makeLinks(wire, one, two, node)
    undo(`delete "${one.name}"`, () => deleteInterface(one.namespace, one.name))
    for (const { end, namespace, hasIpv6 } of prepared) {
      if (hasIpv6) continue
      enableIpv6(namespace, end.name)
      await configureInterface(namespace, end.name, belongings(end))
    }
    return links
  })
}

async function makeLinks(
  wire: Wire,
  one: VethEnd,
  two: VethEnd | undefined,
  node: NetworkNamespace,
): Promise<readonly Link[]> {
  if (wire.kind === "vxlan") return [await createVxlan({ ...one, ...wire.tunnel, node })]
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
