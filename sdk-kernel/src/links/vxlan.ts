import { NsmError } from "@nsm/sdk"
import { parseIp } from "../ffi/ip.ts"
import { AF_INET } from "../ffi/libc.ts"
import type { Attribute } from "../netlink/attribute.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { IFLA_VXLAN } from "../netlink/rtnetlink.ts"
import { raw, u16be, u32, u8 } from "../netlink/value.ts"
import { createLink, type LinkBirth } from "./link-requests.ts"

/** A tunnel from one node to another (RFC 7348). */
export interface VxlanTunnel {
  /** Network identifier, 1 to 2^24 - 1. */
  readonly vni: number
  /** The node's own tunnel address. */
  readonly local: string
  /** The other node's tunnel address. */
  readonly remote: string
  /** UDP port of both sides. @default 4789 */
  readonly port?: number | undefined
}

/** Asks for the end of a tunnel. Its UDP socket is in the namespace that is asked. */
export function createVxlanLink(birth: LinkBirth, tunnel: VxlanTunnel): NetlinkRequest {
  return createLink("vxlan", birth, tunnelAttributes(tunnel))
}

function tunnelAttributes({ vni, local, remote, port = 4789 }: VxlanTunnel): Attribute[] {
  checkRange("vni", vni, 2 ** 24 - 1)
  checkRange("port", port, 2 ** 16 - 1)
  const [from, to] = [parseIp(local), parseIp(remote)]
  if (from.family !== to.family) {
    throw new NsmError(
      "INVALID_REQUEST",
      `tunnel from ${local} to ${remote}: not of one IP version`,
    )
  }
  const isV4 = from.family === AF_INET
  return [
    u32(IFLA_VXLAN.ID, vni),
    raw(isV4 ? IFLA_VXLAN.LOCAL : IFLA_VXLAN.LOCAL6, from.bytes),
    raw(isV4 ? IFLA_VXLAN.GROUP : IFLA_VXLAN.GROUP6, to.bytes),
    u16be(IFLA_VXLAN.PORT, port),
    // There is one other side, and it is known.
    u8(IFLA_VXLAN.LEARNING, 0),
  ]
}

function checkRange(what: string, value: number, highest: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= highest) return
  throw new NsmError("INVALID_REQUEST", `tunnel ${what} ${value}: expected 1 to ${highest}`)
}
