import { type Connection, type Mechanism, MechanismParameter, MechanismPort } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Random } from "../../core/random.ts"
import { parsePrefix } from "../../tools/prefix.ts"
import { connectionKey } from "../common/connection-state.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** What the answering side of a VXLAN tunnel says. */
export interface VniOptions {
  /** Its address on the underlay. */
  readonly tunnelIp: string
  /** Its UDP port. @default 4789 */
  readonly tunnelPort?: number
  readonly random: Random
  /** Whether something beside this element uses an identifier. @default nothing does */
  readonly isTaken?: (vni: number) => boolean
}

const largestVni = 2 ** 24 - 1
const tries = 10_000

/**
 * Completes the answering side of a VXLAN tunnel: address, port, and an identifier that no other
 * tunnel of this node has.
 *
 * Placement: in the branch VXLAN of `mechanisms`.
 */
export function vni({
  tunnelIp,
  tunnelPort = MechanismPort.VXLAN,
  random,
  isTaken = () => false,
}: VniOptions): Element<NetworkService> {
  const held = connectionKey<number>("vni")
  const taken = new Set<number>()
  const choose = (parity: number): number => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const chosen = 2 * random.integer(2 ** 23) + parity
      if (chosen !== 0 && !taken.has(chosen) && !isTaken(chosen)) return chosen
    }
    throw new NsmError(
      "ADDRESSES_EXHAUSTED",
      `no free VXLAN identifier was found in ${tries} tries`,
    )
  }
  return element("vni", (next) => ({
    async request(request, call) {
      const { mechanism } = connectionOf(request)
      if (!mechanism) return next.request(request, call)
      const known = held.get(call)
      const brought = known ?? broughtVni(mechanism)
      const isFree = (wanted: number): boolean =>
        wanted === known || (!taken.has(wanted) && !isTaken(wanted))
      const chosen =
        brought !== undefined && isFree(brought) ? brought : choose(parityOf(mechanism, tunnelIp))
      taken.add(chosen)
      held.set(call, chosen)
      const parameters = {
        ...mechanism.parameters,
        [MechanismParameter.dstIp]: tunnelIp,
        [MechanismParameter.dstPort]: String(tunnelPort),
        [MechanismParameter.vni]: String(chosen),
      }
      try {
        const completed = { ...mechanism, parameters }
        return await next.request(withConnection(request, { mechanism: completed }), call)
      } catch (failure) {
        if (known === undefined) taken.delete(chosen)
        if (known === undefined) held.take(call)
        throw failure
      }
    },
    async close(connection: Connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        const known = held.take(call)
        if (known !== undefined) taken.delete(known)
      }
    },
  }))
}

function broughtVni({ parameters }: Mechanism): number | undefined {
  const brought = Number(parameters[MechanismParameter.vni] ?? 0)
  return Number.isInteger(brought) && brought > 0 && brought <= largestVni ? brought : undefined
}

/**
 * Tunnels that cross between two nodes never get the same identifier: the answering side chooses
 * an even one if the asking side's address is not above its own, else an odd one. Where a proxy
 * exchanged an address, the original counts.
 */
export function parityOf({ parameters }: Mechanism, tunnelIp: string): 0 | 1 {
  const src = parameters[MechanismParameter.origSrcIp] || parameters[MechanismParameter.srcIp]
  const dst = parameters[MechanismParameter.origDstIp] || tunnelIp
  return orderOf("src_ip", src) <= orderOf("dst_ip", dst) ? 0 : 1
}

/** An address as its 16-byte form orders it, where IPv4 is ::ffff:0:0/96. */
function orderOf(name: string, text = ""): bigint {
  const address = text.includes("/") ? undefined : parsePrefix(text)
  if (!address) {
    throw new NsmError(
      "INVALID_REQUEST",
      `mechanism VXLAN: ${name} ${JSON.stringify(text)} is not an address`,
    )
  }
  return address.family === 4 ? (0xffffn << 32n) + address.first : address.first
}
