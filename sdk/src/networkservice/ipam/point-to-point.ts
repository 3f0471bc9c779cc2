import type { Connection } from "@nsm/api"
import type { Call } from "../../core/call.ts"
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
  givePair,
  isOfPair,
  isPairExcluded,
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
      const current = isKept ? held : obtain(pools, connection, excluded)
      try {
        const granted = await next.request(
          { ...request, connection: addressed(connection, pools, current) },
          call,
        )
        if (!isKept) replace(lease, call, current)
        return granted
      } catch (failure) {
        if (!isKept) give(current)
        throw failure
      }
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        give(lease.take(call))
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

function give(lease: Lease | undefined): void {
  if (!lease) return
  givePair(lease.pool.addresses, lease.pair)
  lease.pool.pairs--
}

function replace(
  lease: { take(call: Call): Lease | undefined; set(call: Call, value: Lease): void },
  call: Call,
  current: Lease,
): void {
  give(lease.take(call))
  lease.set(call, current)
}

/** Addresses of these pools that are not this connection's belong to others, or to nobody. */
function addressed(connection: Connection, pools: readonly Pool[], { pair }: Lease): Connection {
  const isForeign = (address: Prefix): boolean =>
    pools.some(({ addresses }) => containsPrefix(addresses.prefix, address)) &&
    !isOfPair(pair, address)
  return withPair(withoutAddresses(connection, isForeign), pair)
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
