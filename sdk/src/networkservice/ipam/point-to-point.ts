import type { Connection } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import {
  containsPrefix,
  formatPrefix,
  type Prefix,
  prefixesOverlap,
  widthOf,
} from "../../tools/prefix.ts"
import { PrefixPool } from "../../tools/prefix-pool.ts"
import { connectionKey } from "../common/connection-state.ts"
import { connectionOf, ipContextOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import {
  type AddressPair,
  isPairExcluded,
  type Refusal,
  takeBroughtPair,
  takeLowestPair,
  withoutAddresses,
  withPair,
} from "./address-pair.ts"
import { excludedOf } from "./excluded.ts"

/** Where addresses come from. */
export interface PointToPointIpamOptions {
  /** Prefixes to take pairs from; the next one serves when those before it are used up. */
  readonly prefixes: readonly Prefix[]
}

interface Pool {
  readonly addresses: PrefixPool
  pairs: number
}

interface Lease {
  readonly pool: Pool
  readonly pair: AddressPair
}

/**
 * Gives each connection an address for either end, and each end a route to the other. Keeps them
 * until the connection is closed, unless the client comes to exclude one; takes over addresses that
 * a client brings if they are free here.
 *
 * Placement: in an endpoint, after `connectionState`.
 */
export function pointToPointIpam({ prefixes }: PointToPointIpamOptions): Element<NetworkService> {
  const pools = prefixes.map((prefix): Pool => ({ addresses: poolOf(prefix), pairs: 0 }))
  const lease = connectionKey<Lease>("point-to-point-ipam")
  return element("point-to-point-ipam", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const excluded = excludedOf(connection)
      const held = lease.get(call)
      const isKept = held !== undefined && !isPairExcluded(held.pair, excluded)
      const current = isKept ? held : exchange(held, () => obtain(pools, connection, excluded))
      try {
        const addressed = withLease(connection, pools, current)
        const granted = await next.request({ ...request, connection: addressed }, call)
        if (held && !isKept) give(held, current)
        lease.set(call, current)
        return granted
      } catch (failure) {
        if (!isKept) give(current, held)
        throw failure
      }
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        const held = lease.take(call)
        if (held) give(held)
      }
    },
  }))
}

function poolOf(prefix: Prefix): PrefixPool {
  if (prefix.length < widthOf(prefix.family)) return new PrefixPool(prefix)
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `pool ${formatPrefix(prefix)} has no room for a pair of addresses; take a shorter prefix`,
  )
}

/** The pair that a client brings goes before the lowest free one. */
function obtain(
  pools: readonly Pool[],
  connection: Connection,
  excluded: readonly Prefix[],
): Lease {
  const brought = ipContextOf(connection)
  for (const take of [takeBroughtPair, takeLowestPair]) {
    for (const pool of pools) {
      const pair = take(pool.addresses, excluded, brought)
      if (!pair) continue
      pool.pairs++
      return { pool, pair }
    }
  }
  throw exhausted(pools, excluded)
}

/** What was held counts as free for what comes instead, but stays taken until that is granted. */
function exchange(held: Lease | undefined, next: () => Lease): Lease {
  if (!held) return next()
  give(held)
  try {
    return next()
  } finally {
    held.pool.pairs++
    for (const host of hostsOf(held)) held.pool.addresses.take(host)
  }
}

/** Gives a pair back, except for what another one still needs. */
function give(lease: Lease, other?: Lease): void {
  const needed = other ? hostsOf(other).map(formatPrefix) : []
  lease.pool.pairs--
  for (const host of hostsOf(lease)) {
    if (!needed.includes(formatPrefix(host))) lease.pool.addresses.give(host)
  }
}

function hostsOf({ pair: { dst, src } }: Lease): readonly Prefix[] {
  return [dst, src]
}

/** Other addresses of these pools belong to other connections, or to nobody. */
function withLease(connection: Connection, pools: readonly Pool[], lease: Lease): Connection {
  const isForeign: Refusal = (address, text, end) =>
    text !== formatPrefix(lease.pair[end]) &&
    pools.some(({ addresses }) => containsPrefix(addresses.prefix, address))
  return withPair(withoutAddresses(connection, isForeign), lease.pair)
}

function exhausted(pools: readonly Pool[], excluded: readonly Prefix[]): NsmError {
  const states = pools.map(({ addresses: { prefix }, pairs }) => {
    const room = 1n << BigInt(widthOf(prefix.family) - prefix.length - 1)
    const inTheWay = excluded.filter((other) => prefixesOverlap(prefix, other)).map(formatPrefix)
    const why = inTheWay.length > 0 ? `, excluded is ${inTheWay.join(", ")}` : ""
    return `pool ${formatPrefix(prefix)} has no free pair: ${pairs} of ${room} in use${why}`
  })
  return new NsmError("ADDRESSES_EXHAUSTED", states.join("; "))
}
