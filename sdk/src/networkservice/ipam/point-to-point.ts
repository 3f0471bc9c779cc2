import type { Connection } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { containsPrefix, formatPrefix, type Prefix } from "../../tools/prefix.ts"
import { connectionKey } from "../common/connection-state.ts"
import { connectionOf, ipContextOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { isPairExcluded, type Refusal, withoutAddresses, withPair } from "./address-pair.ts"
import { excludedOf } from "./excluded.ts"
import { KeptLeases, type NotedLease } from "./kept-leases.ts"
import { type LeaseStore, noLeaseStore } from "./lease-store.ts"
import { giveBack, type Lease, obtain, pairPool, type PairPool } from "./pair-pool.ts"

/** Where addresses come from. */
export interface PointToPointIpamOptions {
  /** Prefixes to take pairs from; the next one serves when those before it are used up. */
  readonly prefixes: readonly Prefix[]
  /** Remembers what is given, also for a process that comes after this one. @default noLeaseStore */
  readonly leases?: LeaseStore | undefined
}

/**
 * Gives each connection an address for either end, and each end a route to the other. Keeps them
 * until the connection is closed, unless the client comes to exclude one; takes over addresses that
 * a client brings if they are free here, and gives those whom the store knows what they had.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function pointToPointIpam({
  prefixes,
  leases = noLeaseStore,
}: PointToPointIpamOptions): Element<NetworkService> {
  const pools = prefixes.map(pairPool)
  const kept = new KeptLeases(pools, leases)
  const lease = connectionKey<NotedLease>("point-to-point-ipam")
  return element("point-to-point-ipam", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const excluded = excludedOf(connection)
      const held = lease.get(call)
      const isSame = held !== undefined && !isPairExcluded(held.pair, excluded)
      const former = held ? undefined : kept.take(connection, call.clock.now())
      const before = held ?? former
      let current: Lease | undefined = isSame ? held : undefined
      try {
        current ??= obtain(pools, { excluded, brought: ipContextOf(connection), before })
        const addressed = withLease(connection, pools, current)
        const granted = await next.request({ ...request, connection: addressed }, call)
        if (before && !isSame) giveBack(before, current)
        lease.set(call, kept.note(connection, current, before))
        return granted
      } catch (failure) {
        if (current && !isSame) giveBack(current, before)
        if (former) kept.keep(former)
        throw failure
      }
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        const held = lease.take(call)
        if (held) {
          giveBack(held)
          kept.delete(held)
        }
      }
    },
  }))
}

/** Other addresses of these pools belong to other connections, or to nobody. */
function withLease(connection: Connection, pools: readonly PairPool[], lease: Lease): Connection {
  const isForeign: Refusal = (address, text, end) =>
    text !== formatPrefix(lease.pair[end]) &&
    pools.some(({ addresses }) => containsPrefix(addresses.prefix, address))
  return withPair(withoutAddresses(connection, isForeign), lease.pair)
}
