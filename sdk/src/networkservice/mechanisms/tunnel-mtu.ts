import { create } from "@bufbuild/protobuf"
import { ConnectionContextSchema, type Mechanism, MechanismParameter } from "@nsm/api"
import { isIPv6 } from "node:net"
import { element, type Element } from "../../core/chain.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** Bytes that a tunnel puts around a packet over IPv4; over IPv6 its header adds 20. */
const overheads = {
  /** 20 IP, 8 UDP, 8 VXLAN, 14 inner Ethernet, 4 its VLAN tag. */
  VXLAN: 54,
  /** 20 IP, 8 UDP, 4 type, 4 index, 8 nonce, 16 tag. */
  WIREGUARD: 60,
  /** 20 IP, 8 UDP, 4 number, 4 index, 16 vector, at most 15 padding, 1 and 1, 12 digest. */
  IPSEC: 81,
} as const
const moreOverIpv6 = 20

/** A mechanism that wraps packets into the underlay's. */
export type TunnelType = keyof typeof overheads

/** A tunnel and the link that it goes over. */
export interface TunnelMtuOptions {
  readonly type: TunnelType
  /** Address of the tunnel on the underlay. */
  readonly tunnelIp: string
  /** MTU of the link with that address. */
  readonly linkMtu: number
}

/** The largest packet that fits through a tunnel. */
export function tunnelMtu({ type, tunnelIp, linkMtu }: TunnelMtuOptions): number {
  return linkMtu - overheads[type] - (isIPv6(tunnelIp) ? moreOverIpv6 : 0)
}

/** The lower of two MTUs, where 0 means that nothing is said. */
export function lowerMtu(a: number, b: number): number {
  return a === 0 || b === 0 ? a || b : Math.min(a, b)
}

/** The MTU that a mechanism names, 0 if none. */
export function mtuOf({ parameters }: Mechanism): number {
  const mtu = Number(parameters[MechanismParameter.mtu] ?? 0)
  return Number.isInteger(mtu) && mtu > 0 ? mtu : 0
}

/**
 * Lowers the MTU of the mechanism and of the connection to what fits through this hop's tunnel.
 *
 * Placement: in the branch of a tunnel's mechanism.
 */
export function limitMtu({ mtu }: { mtu: number }): Element<NetworkService> {
  return element("limit-mtu", (next) => ({
    async request(request, call) {
      const { mechanism, context = create(ConnectionContextSchema) } = connectionOf(request)
      if (!mechanism) return next.request(request, call)
      const lowered = lowerMtu(mtuOf(mechanism), mtu)
      const parameters = { ...mechanism.parameters, [MechanismParameter.mtu]: String(lowered) }
      const changes = {
        mechanism: { ...mechanism, parameters },
        context: { ...context, MTU: lowerMtu(context.MTU, lowered) },
      }
      return next.request(withConnection(request, changes), call)
    },
  }))
}
