import { ipText, parseIp, parsePrefix } from "../ffi/ip.ts"
import { AF_INET, AF_INET6 } from "../ffi/libc.ts"
import { NLM_F } from "../netlink/acknowledgement.ts"
import type { Attributes } from "../netlink/attribute.ts"
import { decodePayload, encodePayload, type Message } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { RTA, RTM, rtmsg } from "../netlink/rtnetlink.ts"
import { raw, readU32, u32 } from "../netlink/value.ts"
import type { NamedLink } from "./link-requests.ts"

/** Where packets go. */
export interface Route {
  /** `192.0.2.0/24`, `2001:db8::/32`; `0.0.0.0/0` and `::/0` for all. */
  readonly prefix: string
  /** The next hop. @default none, the destination is on the link */
  readonly gateway?: string | undefined
  /** The gateway is on this link even if no address says so. @default true */
  readonly isOnLink?: boolean
  /** Source address that packets get when they have none. */
  readonly source?: string | undefined
  /** Lower is preferred. @default the kernel's */
  readonly metric?: number | undefined
  /** @default 254, the main table */
  readonly table?: number
}

/** A route that the kernel has. */
export interface InstalledRoute extends Required<Omit<Route, "isOnLink">> {
  /** Whether it was put there as routes are here, and not by the kernel or by a routing daemon. */
  readonly isStatic: boolean
  /** Index of the interface that packets leave by. */
  readonly index: number | undefined
}

/** The table that routes are in unless they say otherwise. */
export const mainTable = 254

const RTN_UNICAST = 1
const RTPROT_STATIC = 4
const RT_SCOPE_LINK = 253
const RTNH_F_ONLINK = 4

/** Asks for a route through an interface, instead of one that the table has for that prefix. */
export function replaceRoute({ index, name }: NamedLink, route: Route): NetlinkRequest {
  return {
    type: RTM.NEWROUTE,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    payload: routePayload(index, route),
    doing: `add route ${shown(route)} through "${name}"`,
  }
}

/** Asks for a route to go; that it has gone already is no failure. */
export function deleteRoute({ index, name }: NamedLink, route: Route): NetlinkRequest {
  return {
    type: RTM.DELROUTE,
    payload: routePayload(index, route),
    doing: `delete route ${shown(route)} through "${name}"`,
    harmless: ["ESRCH"],
  }
}

/** Asks for all routes, or those through one link, which a kernel before 4.20 does not tell apart. */
export function listRoutes(link?: NamedLink): NetlinkRequest {
  const payload = encodePayload(rtmsg, {}, link ? [u32(RTA.OIF, link.index)] : [])
  return { type: RTM.GETROUTE, payload, doing: "list routes" }
}

/** Reads a NEWROUTE message; undefined for what is no IP route to one place. */
export function decodeRoute({ payload }: Message): InstalledRoute | undefined {
  const { fields, attributes } = decodePayload(rtmsg, payload)
  const isIp = fields.family === AF_INET || fields.family === AF_INET6
  if (!isIp || fields.type !== RTN_UNICAST) return undefined
  const everywhere = new Uint8Array(fields.family === AF_INET ? 4 : 16)
  const destination = attributes.get(RTA.DST) ?? everywhere
  return {
    prefix: `${ipText(destination)}/${fields.destinationLength}`,
    gateway: optional(attributes, RTA.GATEWAY, ipText),
    source: optional(attributes, RTA.PREFSRC, ipText),
    metric: optional(attributes, RTA.PRIORITY, readU32),
    table: optional(attributes, RTA.TABLE, readU32) ?? fields.table,
    index: optional(attributes, RTA.OIF, readU32),
    isStatic: fields.protocol === RTPROT_STATIC,
  }
}

function routePayload(index: number, route: Route): Uint8Array {
  const { prefix, gateway, isOnLink = true, source, metric, table = mainTable } = route
  const { family, bytes, length } = parsePrefix(prefix)
  const header = {
    family,
    destinationLength: length,
    protocol: RTPROT_STATIC,
    scope: gateway === undefined && family === AF_INET ? RT_SCOPE_LINK : 0,
    type: RTN_UNICAST,
    flags: gateway !== undefined && isOnLink ? RTNH_F_ONLINK : 0,
  }
  return encodePayload(rtmsg, header, [
    ...(length === 0 ? [] : [raw(RTA.DST, bytes)]),
    ...(gateway === undefined ? [] : [raw(RTA.GATEWAY, parseIp(gateway).bytes)]),
    ...(source === undefined ? [] : [raw(RTA.PREFSRC, parseIp(source).bytes)]),
    ...(metric === undefined ? [] : [u32(RTA.PRIORITY, metric)]),
    u32(RTA.TABLE, table),
    u32(RTA.OIF, index),
  ])
}

function shown({ prefix, gateway }: Route): string {
  return gateway === undefined ? prefix : `${prefix} via ${gateway}`
}

function optional<T>(
  attributes: Attributes,
  type: number,
  read: (value: Uint8Array) => T,
): T | undefined {
  const value = attributes.get(type)
  return value && read(value)
}
