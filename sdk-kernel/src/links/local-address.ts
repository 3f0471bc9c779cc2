import { parsePrefix } from "../ffi/ip.ts"
import { decodePayload, encodePayload, type Message } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { RTA, RTM, rtmsg } from "../netlink/rtnetlink.ts"
import { raw } from "../netlink/value.ts"

const RTN_LOCAL = 2
/** Asks for the route as it stands, without looking for a source address among all that there are. */
const RTM_F_FIB_MATCH = 0x2000

/** Asks which way packets to an address would go; that there is none is no failure. */
export function wayTo(address: string): NetlinkRequest {
  const { family, bytes } = parsePrefix(address)
  const header = { family, destinationLength: bytes.length * 8, flags: RTM_F_FIB_MATCH }
  return {
    type: RTM.GETROUTE,
    payload: encodePayload(rtmsg, header, [raw(RTA.DST, bytes)]),
    doing: `find the way to ${address}`,
    harmless: ["ENETUNREACH", "EHOSTUNREACH"],
  }
}

/** Whether the answer says that packets need not go anywhere: the namespace has the address. */
export function isHere([reply]: readonly Message[]): boolean {
  return reply !== undefined && decodePayload(rtmsg, reply.payload).fields.type === RTN_LOCAL
}
