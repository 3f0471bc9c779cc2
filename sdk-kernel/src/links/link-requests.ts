import { checkInterfaceName } from "@nsm/sdk"
import { NLM_F } from "../netlink/acknowledgement.ts"
import { type Attribute, nested } from "../netlink/attribute.ts"
import { encodePayload } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { IFLA, IFLA_INFO, ifinfomsg, RTM } from "../netlink/rtnetlink.ts"
import { raw, text, u32 } from "../netlink/value.ts"
import { IFF } from "./link.ts"
import { parseMac } from "./mac.ts"

/** What a link can be born with. */
export interface LinkBirth {
  readonly name: string
  /** Descriptor of the namespace that it is born in. @default the one that is asked */
  readonly namespace?: number
  readonly mtu?: number | undefined
  readonly mac?: string | undefined
  /** How many queues it has, each way. @default the kernel's choice */
  readonly queues?: number
}

/** What can be changed about a link. */
export interface LinkChanges {
  readonly name?: string | undefined
  readonly mtu?: number | undefined
  readonly mac?: string | undefined
  readonly alias?: string | undefined
  readonly isUp?: boolean | undefined
  /** Index of the bridge that it becomes a port of; 0 for none. */
  readonly bridge?: number | undefined
}

/** A link that has been found. */
export interface NamedLink {
  readonly index: number
  readonly name: string
}

/** Names a link: by its name or by its index. */
export type LinkId = string | number

/** Asks for a link of a kind. */
export function createLink(
  kind: string,
  birth: LinkBirth,
  data: readonly Attribute[] = [],
): NetlinkRequest {
  const info = [text(IFLA_INFO.KIND, kind), nested(IFLA_INFO.DATA, data)]
  return {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    payload: encodePayload(ifinfomsg, {}, [
      ...birthAttributes(birth),
      nested(IFLA.LINKINFO, data.length > 0 ? info : info.slice(0, 1)),
    ]),
    doing: `create ${kind} "${birth.name}"`,
    reasons: {
      EEXIST: "INTERFACE_NAME_TAKEN",
      EOPNOTSUPP: ["KERNEL_FEATURE_MISSING", `is the kernel module ${kind} loaded?`],
    },
  }
}

const RTEXT_FILTER_SKIP_STATS = 8

/** What a link is born with, as attributes. */
export function birthAttributes({ name, namespace, mtu, mac, queues }: LinkBirth): Attribute[] {
  checkInterfaceName(name)
  return [
    text(IFLA.IFNAME, name),
    ...(namespace === undefined ? [] : [u32(IFLA.NET_NS_FD, namespace)]),
    ...changeAttributes({ mtu, mac }),
    ...(queues === undefined
      ? []
      : [u32(IFLA.NUM_TX_QUEUES, queues), u32(IFLA.NUM_RX_QUEUES, queues)]),
  ]
}

/** Asks for one link, without its counters: they are three quarters of what the kernel tells. */
export function getLink(id: LinkId): NetlinkRequest {
  return {
    type: RTM.GETLINK,
    payload: identified(id, [u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS)]),
    doing: `find interface ${shown(id)}`,
  }
}

/** Asks for one link with its counters. */
export function getStatistics(id: LinkId): NetlinkRequest {
  return { ...getLink(id), payload: identified(id) }
}

/** Asks for all links, without their counters. */
export function listLinks(): NetlinkRequest {
  const payload = encodePayload(ifinfomsg, {}, [u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS)])
  return { type: RTM.GETLINK, payload, doing: "list interfaces" }
}

/** Asks for changes to a link; `reasons` says what else the kernel's refusals mean here. */
export function changeLink(
  { index, name }: NamedLink,
  changes: LinkChanges,
  reasons: NetlinkRequest["reasons"] = {},
): NetlinkRequest {
  if (changes.name !== undefined) checkInterfaceName(changes.name)
  const { isUp } = changes
  const header =
    isUp === undefined ? { index } : { index, flags: isUp ? IFF.UP : 0, change: IFF.UP }
  return {
    type: RTM.SETLINK,
    payload: encodePayload(ifinfomsg, header, changeAttributes(changes)),
    doing: `change interface "${name}"`,
    reasons: {
      ...(changes.name !== undefined && { EEXIST: "INTERFACE_NAME_TAKEN" }),
      ...reasons,
    },
  }
}

/** Asks for a link, and the other end of a pair, to go. That it has gone already is no failure. */
export function deleteLink(id: LinkId): NetlinkRequest {
  return {
    type: RTM.DELLINK,
    payload: identified(id),
    doing: `delete interface ${shown(id)}`,
    harmless: ["ENODEV"],
  }
}

function identified(id: LinkId, attributes: readonly Attribute[] = []): Uint8Array {
  if (typeof id === "number") return encodePayload(ifinfomsg, { index: id }, attributes)
  checkInterfaceName(id)
  return encodePayload(ifinfomsg, {}, [text(IFLA.IFNAME, id), ...attributes])
}

function shown(id: LinkId): string {
  return typeof id === "number" ? `${id}` : `"${id}"`
}

function changeAttributes({ name, mtu, mac, alias, bridge }: LinkChanges): Attribute[] {
  return [
    ...(name === undefined ? [] : [text(IFLA.IFNAME, name)]),
    ...(mtu === undefined ? [] : [u32(IFLA.MTU, mtu)]),
    ...(mac === undefined ? [] : [raw(IFLA.ADDRESS, parseMac(mac))]),
    ...(alias === undefined ? [] : [raw(IFLA.IFALIAS, new TextEncoder().encode(alias))]),
    ...(bridge === undefined ? [] : [u32(IFLA.MASTER, bridge)]),
  ]
}
