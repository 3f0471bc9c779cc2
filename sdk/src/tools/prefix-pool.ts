import { containsPrefix, type Prefix, prefixesOverlap, widthOf } from "./prefix.ts"
import { type Block, exclude, include, lowestFree, type PrefixSet, touches } from "./prefix-set.ts"

/**
 * Hands out addresses, or smaller prefixes, of one prefix, lowest first. Every operation takes
 * time in the number of the prefix's host bits, however large it is and however much is taken.
 */
export class PrefixPool {
  readonly prefix: Prefix
  readonly #width: number
  #taken: PrefixSet

  constructor(prefix: Prefix) {
    this.prefix = prefix
    this.#width = widthOf(prefix.family) - prefix.length
  }

  /** Takes the lowest free prefix of a length outside of what is excluded; undefined if none. */
  takeLowest(
    excluded: readonly Prefix[] = [],
    length = widthOf(this.prefix.family),
  ): Prefix | undefined {
    const { family, first } = this.prefix
    const bits = widthOf(family) - length
    if (bits > this.#width) return undefined
    const offset = lowestFree(this.#taken, this.#setOf(excluded), bits, this.#width)
    if (offset === undefined) return undefined
    const found = { family, first: first + offset, length }
    this.#taken = include(this.#taken, this.#block(found), this.#width)
    return found
  }

  /** Takes just this prefix; answers whether it was here and wholly free. */
  take(prefix: Prefix): boolean {
    if (!containsPrefix(this.prefix, prefix)) return false
    if (touches(this.#taken, this.#block(prefix), this.#width)) return false
    this.#taken = include(this.#taken, this.#block(prefix), this.#width)
    return true
  }

  /** Gives a prefix back. */
  give(prefix: Prefix): void {
    if (!containsPrefix(this.prefix, prefix)) return
    this.#taken = exclude(this.#taken, this.#block(prefix), this.#width)
  }

  #setOf(prefixes: readonly Prefix[]): PrefixSet {
    return prefixes
      .filter((prefix) => prefixesOverlap(this.prefix, prefix))
      .reduce<PrefixSet>((set, prefix) => include(set, this.#block(prefix), this.#width), undefined)
  }

  #block({ family, first, length }: Prefix): Block {
    return { first: first - this.prefix.first, bits: widthOf(family) - length }
  }
}
