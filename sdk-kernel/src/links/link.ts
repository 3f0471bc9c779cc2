import { type Attributes, attributesOf } from "../netlink/attribute.ts"
import { decodePayload, type Message } from "../netlink/message.ts"
import { IFLA, IFLA_INFO, ifinfomsg } from "../netlink/rtnetlink.ts"
import { readI32, readText, readU32 } from "../netlink/value.ts"
import { macText } from "./mac.ts"
import { readTunnel } from "./read-tunnel.ts"
import type { VxlanTunnel } from "./vxlan.ts"

/** A network interface as the kernel describes it. */
export interface Link {
  readonly index: number
  readonly name: string
  /** `veth`, `vxlan`, `bridge`; undefined for devices without one, such as loopback. */
  readonly kind: string | undefined
  readonly mtu: number
  /** Hardware address, `02:42:ac:11:00:02`; undefined for devices without one. */
  readonly mac: string | undefined
  /** A text for people. */
  readonly alias: string | undefined
  /** Whether it has been set up by the administrator. */
  readonly isUp: boolean
  /** Whether it is up and can carry packets. */
  readonly isRunning: boolean
  /** Index of the bridge that it is a port of. */
  readonly bridge: number | undefined
  /** Index of the other end of a pair or of the device below, in the namespace where that one is. */
  readonly peer: number | undefined
  /** Number by which its namespace knows that one; undefined when it is the same namespace. */
  readonly peerNamespace: number | undefined
  /** Of a VXLAN device, what it was made with. */
  readonly tunnel: Required<VxlanTunnel> | undefined
}

/** Flags of links (linux/if.h). */
export const IFF = { UP: 0x1, RUNNING: 0x40 } as const

/** Reads a NEWLINK or DELLINK message. */
export function decodeLink({ payload }: Message): Link {
  const { fields, attributes } = decodePayload(ifinfomsg, payload)
  const info = optional(attributes, IFLA.LINKINFO, (value) => attributesOf(value))
  const kind = info && optional(info, IFLA_INFO.KIND, readText)
  return {
    index: fields.index,
    name: optional(attributes, IFLA.IFNAME, readText) ?? "",
    kind,
    mtu: optional(attributes, IFLA.MTU, readU32) ?? 0,
    mac: optional(attributes, IFLA.ADDRESS, macText) || undefined,
    alias: optional(attributes, IFLA.IFALIAS, readText),
    isUp: (fields.flags & IFF.UP) !== 0,
    isRunning: (fields.flags & IFF.RUNNING) !== 0,
    bridge: optional(attributes, IFLA.MASTER, readU32),
    peer: optional(attributes, IFLA.LINK, readU32),
    peerNamespace: optional(attributes, IFLA.LINK_NETNSID, readI32),
    tunnel: info && kind === "vxlan" ? optional(info, IFLA_INFO.DATA, readTunnel) : undefined,
  }
}

function optional<T>(
  attributes: Attributes,
  type: number,
  read: (value: Uint8Array) => T,
): T | undefined {
  const value = attributes.get(type)
  return value && read(value)
}
