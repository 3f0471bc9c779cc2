import { ipText, parseIp } from "../ffi/ip.ts"
import { NLM_F } from "../netlink/acknowledgement.ts"
import { decodePayload, encodePayload, type Message } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { NDA, ndmsg, RTM } from "../netlink/rtnetlink.ts"
import { raw, u32 } from "../netlink/value.ts"
import { macText, parseMac } from "./mac.ts"
import type { NamedLink } from "./link-requests.ts"

/** Which hardware address an IP address on the link has. */
export interface Neighbour {
  readonly ip: string
  readonly mac: string
  /** `reachable` ones age as learned ones do. @default "permanent" */
  readonly state?: "permanent" | "reachable"
}

/** A neighbour that the kernel knows. */
export interface KnownNeighbour {
  readonly index: number
  readonly ip: string
  /** Undefined while it is being looked for. */
  readonly mac: string | undefined
  readonly isPermanent: boolean
}

const NUD_REACHABLE = 0x02
/** Needs no resolution: the kernel's own entries for multicast groups, which come and go. */
const NUD_NOARP = 0x40
const NUD_PERMANENT = 0x80

/** Asks for a neighbour on an interface, instead of what is known of that address. */
export function replaceNeighbour(
  { index, name }: NamedLink,
  { ip, mac, state = "permanent" }: Neighbour,
): NetlinkRequest {
  const { family, bytes } = parseIp(ip)
  const header = { family, index, state: state === "permanent" ? NUD_PERMANENT : NUD_REACHABLE }
  return {
    type: RTM.NEWNEIGH,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    payload: encodePayload(ndmsg, header, [raw(NDA.DST, bytes), raw(NDA.LLADDR, parseMac(mac))]),
    doing: `add neighbour ${ip} at ${mac} to "${name}"`,
  }
}

/** Asks for a neighbour to be forgotten; that it is not known is no failure. */
export function deleteNeighbour({ index, name }: NamedLink, ip: string): NetlinkRequest {
  const { family, bytes } = parseIp(ip)
  return {
    type: RTM.DELNEIGH,
    payload: encodePayload(ndmsg, { family, index }, [raw(NDA.DST, bytes)]),
    doing: `delete neighbour ${ip} from "${name}"`,
    harmless: ["ENOENT"],
  }
}

/** Asks for all neighbours, or those on one link, which a kernel before 4.20 does not tell apart. */
export function listNeighbours(link?: NamedLink): NetlinkRequest {
  const payload = encodePayload(ndmsg, {}, link ? [u32(NDA.IFINDEX, link.index)] : [])
  return { type: RTM.GETNEIGH, payload, doing: "list neighbours" }
}

/** Reads a NEWNEIGH message; undefined for other protocols than IP, and for multicast groups. */
export function decodeNeighbour({ payload }: Message): KnownNeighbour | undefined {
  const { fields, attributes } = decodePayload(ndmsg, payload)
  const destination = attributes.get(NDA.DST)
  if (!destination || (fields.state & NUD_NOARP) !== 0) return undefined
  const mac = attributes.get(NDA.LLADDR)
  return {
    index: fields.index,
    ip: ipText(destination),
    mac: mac && macText(mac),
    isPermanent: (fields.state & NUD_PERMANENT) !== 0,
  }
}
