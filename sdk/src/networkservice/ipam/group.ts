import { type Connection, State } from "@nsm/api"
import { chain, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { formatPrefix, type Prefix, prefixesOverlap } from "../../tools/prefix.ts"
import type { NetworkService } from "../service.ts"
import { dropForeignAddresses } from "./drop-foreign-addresses.ts"
import type { LeaseStore } from "./lease-store.ts"
import { pointToPointIpam } from "./point-to-point.ts"

/** The address groups of an endpoint, as `parseCidrGroups` reads them. */
export interface GroupIpamOptions {
  /** A connection gets one pair of each group; within a group the prefixes are alternatives. */
  readonly groups: readonly (readonly Prefix[])[]
  /** Remembers what is given, also for a process that comes after this one. @default noLeaseStore */
  readonly leases?: LeaseStore | undefined
}

/**
 * Gives each connection one pair of addresses of each group: two groups for IPv4 and IPv6. A client
 * that comes from another endpoint keeps none of that one's beside them.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function groupIpam({ groups, leases }: GroupIpamOptions): Element<NetworkService> {
  refuseOverlaps(groups.flat())
  return chain(
    "group-ipam",
    dropForeignAddresses({ groups, when: isReselected }),
    ...groups.map((prefixes) => pointToPointIpam({ prefixes, leases })),
  )
}

function isReselected({ state }: Connection): boolean {
  return state === State.RESELECT_REQUESTED
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
