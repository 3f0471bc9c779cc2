/**
 * A set of addresses as a binary tree over their bits: nothing, all, or two halves. It never
 * changes; every operation visits one node per bit and shares the rest. Neighbours that are all
 * taken melt into one node, so that a dense /64 stays as small as a dense /24.
 */
export type PrefixSet = undefined | "all" | readonly [low: PrefixSet, high: PrefixSet]

/** A block of `2 ** bits` addresses that begins at `first`, within a set of `2 ** width`. */
export interface Block {
  readonly first: bigint
  readonly bits: number
}

/** The set and all of a block. */
export function include(set: PrefixSet, block: Block, width: number): PrefixSet {
  if (set === "all" || block.bits >= width) return "all"
  const [low, high] = set ?? [undefined, undefined]
  return isInHigh(block, width)
    ? halves(low, include(high, block, width - 1))
    : halves(include(low, block, width - 1), high)
}

/** The set without a block. */
export function exclude(set: PrefixSet, block: Block, width: number): PrefixSet {
  if (set === undefined || block.bits >= width) return undefined
  const [low, high] = set === "all" ? (["all", "all"] as const) : set
  return isInHigh(block, width)
    ? halves(low, exclude(high, block, width - 1))
    : halves(exclude(low, block, width - 1), high)
}

/** Whether any address of a block is in the set. */
export function touches(set: PrefixSet, block: Block, width: number): boolean {
  if (set === undefined || set === "all" || block.bits >= width) return set !== undefined
  return touches(set[isInHigh(block, width) ? 1 : 0], block, width - 1)
}

/** The lowest block of `2 ** bits` addresses of which none is in either set. */
export function lowestFree(
  a: PrefixSet,
  b: PrefixSet,
  bits: number,
  width: number,
): bigint | undefined {
  if (a === "all" || b === "all") return undefined
  if (a === undefined && b === undefined) return 0n
  if (bits >= width) return undefined
  const [lowA, highA] = a ?? [undefined, undefined]
  const [lowB, highB] = b ?? [undefined, undefined]
  const low = lowestFree(lowA, lowB, bits, width - 1)
  if (low !== undefined) return low
  const high = lowestFree(highA, highB, bits, width - 1)
  return high === undefined ? undefined : high + (1n << BigInt(width - 1))
}

function isInHigh({ first }: Block, width: number): boolean {
  return ((first >> BigInt(width - 1)) & 1n) === 1n
}

function halves(low: PrefixSet, high: PrefixSet): PrefixSet {
  return low === high && (low === undefined || low === "all") ? low : [low, high]
}
