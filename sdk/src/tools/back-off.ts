import type { Random } from "../core/random.ts"

/** How long is waited between tries. */
export interface BackOffOptions {
  readonly random: Random
  /** Around what the first pause is, in milliseconds. */
  readonly firstMs: number
  /** Around what the longest pause is. */
  readonly longestMs: number
  /**
   * How many times as long the next pause is.
   * @default 1.3, so that a pause is about a third of the time since the first try: what was away
   * for a second is found again within a third of a second, and what is away for long is left alone
   */
  readonly factor?: number
}

/**
 * The pauses between tries that fail: each longer than the one before, half of it by chance, so that
 * those who lost the same thing do not all come back at the same time.
 */
export class BackOff {
  readonly #options: BackOffOptions
  #pauseMs: number

  constructor(options: BackOffOptions) {
    this.#options = options
    this.#pauseMs = options.firstMs
  }

  /** Whole milliseconds until the next try: half of to one and a half times the pause that it is due. */
  next(): number {
    const { random, longestMs, factor = 1.3 } = this.#options
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(factor * pauseMs, longestMs)
    return Math.round(pauseMs * (0.5 + random.integer(1001) / 1000))
  }

  /** Begins anew, after a success. */
  reset(): void {
    this.#pauseMs = this.#options.firstMs
  }
}
