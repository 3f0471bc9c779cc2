import type { IPContext } from "@nsm/api"
import { NsmError } from "../../core/errors.ts"
import { formatPrefix, type Prefix, prefixesOverlap, widthOf } from "../../tools/prefix.ts"
import { PrefixPool } from "../../tools/prefix-pool.ts"
import {
  type AddressPair,
  isPairExcluded,
  takeBroughtPair,
  takeLowestPair,
  takePair,
} from "./address-pair.ts"

/** A prefix with the number of pairs that are taken out of it. */
export interface PairPool {
  readonly addresses: PrefixPool
  pairs: number
}

/** A pair of addresses that is taken. */
export interface Lease {
  readonly pool: PairPool
  readonly pair: AddressPair
}

/** What a connection wants of addresses. */
export interface Wish {
  /** What it must not get. */
  readonly excluded: readonly Prefix[]
  /** What it brings. */
  readonly brought: IPContext
  /** What it had before. */
  readonly before: Lease | undefined
}

/** Makes a pool. */
export function pairPool(prefix: Prefix): PairPool {
  if (prefix.length < widthOf(prefix.family)) return { addresses: new PrefixPool(prefix), pairs: 0 }
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `pool ${formatPrefix(prefix)} has no room for a pair of addresses; take a shorter prefix`,
  )
}

/**
 * Takes the pair that a connection brings, else the one that it had, else the lowest free one. What it
 * had counts as free for that, but stays taken until it is given back.
 */
export function obtain(pools: readonly PairPool[], wish: Wish): Lease {
  const { before } = wish
  if (!before) return taken(pools, wish)
  giveBack(before)
  try {
    return taken(pools, wish)
  } finally {
    before.pool.pairs++
    for (const host of hostsOf(before)) before.pool.addresses.take(host)
  }
}

/** Takes just this pair, of the pool where it is free. */
export function obtainPair(pools: readonly PairPool[], pair: AddressPair): Lease | undefined {
  const pool = pools.find(({ addresses }) => takePair(addresses, pair))
  if (!pool) return undefined
  pool.pairs++
  return { pool, pair }
}

/** Gives a pair back, except for what another one still needs. */
export function giveBack(lease: Lease, other?: Lease): void {
  const needed = other ? hostsOf(other).map(formatPrefix) : []
  lease.pool.pairs--
  for (const host of hostsOf(lease)) {
    if (!needed.includes(formatPrefix(host))) lease.pool.addresses.give(host)
  }
}

function taken(pools: readonly PairPool[], { excluded, brought, before }: Wish): Lease {
  const had = before && !isPairExcluded(before.pair, excluded) ? before : undefined
  const ways: readonly ((pool: PairPool) => AddressPair | undefined)[] = [
    ({ addresses }) => takeBroughtPair(addresses, excluded, brought),
    ({ addresses }) => (had && takePair(addresses, had.pair) ? had.pair : undefined),
    ({ addresses }) => takeLowestPair(addresses, excluded),
  ]
  for (const way of ways) {
    for (const pool of pools) {
      const pair = way(pool)
      if (!pair) continue
      pool.pairs++
      return { pool, pair }
    }
  }
  throw exhausted(pools, excluded)
}

function hostsOf({ pair: { dst, src } }: Lease): readonly Prefix[] {
  return [dst, src]
}

function exhausted(pools: readonly PairPool[], excluded: readonly Prefix[]): NsmError {
  const states = pools.map(({ addresses: { prefix }, pairs }) => {
    const room = 1n << BigInt(widthOf(prefix.family) - prefix.length - 1)
    const inTheWay = excluded.filter((other) => prefixesOverlap(prefix, other)).map(formatPrefix)
    const why = inTheWay.length > 0 ? `, excluded is ${inTheWay.join(", ")}` : ""
    return `pool ${formatPrefix(prefix)} has no free pair: ${pairs} of ${room} in use${why}`
  })
  return new NsmError("ADDRESSES_EXHAUSTED", states.join("; "))
}
