import type { Connection } from "@nsm/api"
import { type Address, parseAddress } from "./address.ts"
import { aliasOf, macOf, parseMac } from "./identity.ts"
import type { Side } from "./wire.ts"

/** What is known of one side of a connection, wherever its interface is. */
export interface SideFacts {
  /** Name of the interface in the kernel; see `aliasOf`. */
  readonly alias: string
  readonly mac: string
  readonly addresses: readonly Address[]
}

/** Both sides of a connection. */
export type Sides = Readonly<Record<Side, SideFacts>>

/** Reads both sides at once: each end of a wire needs what the other one has, too. */
export function sidesOf(connection: Connection): Sides {
  const { ethernetContext: ethernet, ipContext: ip } = connection.context ?? {}
  const side = (
    name: Side,
    mac: readonly [value: string | undefined, field: string],
    addresses: readonly [values: readonly string[] | undefined, field: string],
  ): SideFacts => {
    const alias = aliasOf(name, connection)
    const [wanted, macField] = mac
    const [listed = [], field] = addresses
    return {
      alias,
      mac: wanted ? parseMac(wanted, macField) : macOf(alias),
      addresses: listed.map((text) => parseAddress(text, field)),
    }
  }
  return {
    client: side("client", [ethernet?.srcMac, "src_mac"], [ip?.srcIpAddrs, "src_ip_addrs"]),
    endpoint: side("endpoint", [ethernet?.dstMac, "dst_mac"], [ip?.dstIpAddrs, "dst_ip_addrs"]),
  }
}
