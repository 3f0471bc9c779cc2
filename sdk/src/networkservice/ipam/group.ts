import { chain, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { formatPrefix, type Prefix, prefixesOverlap } from "../../tools/prefix.ts"
import type { NetworkService } from "../service.ts"
import { pointToPointIpam } from "./point-to-point.ts"

/** The address groups of an endpoint, as `parseCidrGroups` reads them. */
export interface GroupIpamOptions {
  /** A connection gets one pair of each group; within a group the prefixes are alternatives. */
  readonly groups: readonly (readonly Prefix[])[]
}

/**
 * Gives each connection one pair of addresses of each group: two groups for IPv4 and IPv6.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function groupIpam({ groups }: GroupIpamOptions): Element<NetworkService> {
  refuseOverlaps(groups.flat())
  return chain("group-ipam", ...groups.map((prefixes) => pointToPointIpam({ prefixes })))
}

/** Pools know nothing of each other and would give the same address twice. */
function refuseOverlaps(prefixes: readonly Prefix[]): void {
  for (const [index, a] of prefixes.entries()) {
    const b = prefixes.slice(index + 1).find((other) => prefixesOverlap(a, other))
    if (!b) continue
    const text = `address pools ${formatPrefix(a)} and ${formatPrefix(b)} overlap; give each its own`
    throw new NsmError("INVALID_CONFIGURATION", text)
  }
}
