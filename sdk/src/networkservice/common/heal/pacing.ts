import { type Clock, sleep } from "../../../core/clock.ts"
import type { Random } from "../../../core/random.ts"
import { BackOff } from "../../../tools/back-off.ts"
import type { HealCause } from "./observer.ts"

/** About how long is waited between tries, the first time and at most. */
const pauses = { firstMs: 50, longestMs: 10_000 } as const

/** What is lost again within this time has not been back. */
const steadyMs = 1000

/** How long is waited before a wire that never lived is given up, the first time and at most. */
const doubts = { firstMs: 1000, longestMs: 60_000, factor: 2 } as const

/** What pacing needs. */
export interface PacingOptions {
  readonly clock: Clock
  readonly random: Random
  /** Ends what waits. */
  readonly signal: AbortSignal
}

/** How soon a connection may be healed, and tried again, so that losing it over and over floods nobody. */
export class Pacing {
  readonly #options: PacingOptions
  readonly #relapses: BackOff
  readonly #doubts: BackOff
  /** Whether packets have passed since it was healed last. */
  #hasLived = false
  #healedAt = -Infinity

  constructor(options: PacingOptions) {
    const { random } = options
    this.#options = options
    this.#relapses = new BackOff({ random, ...pauses })
    this.#doubts = new BackOff({ random, ...doubts })
  }

  /** Packets pass. */
  lives(): void {
    this.#hasLived = true
    this.#doubts.reset()
  }

  /** It is back. */
  healed(): void {
    this.#hasLived = false
    this.#healedAt = this.#options.clock.now()
  }

  /** Waits until healing may begin: mostly not at all. */
  async begin(cause: HealCause): Promise<void> {
    const isRelapse = this.#options.clock.now() - this.#healedAt < steadyMs
    if (!isRelapse) this.#relapses.reset()
    // Endpoints may answer no echo at all: those must not be left every second.
    const isDoubtful = cause === "data-plane" && !this.#hasLived
    if (isDoubtful) await this.#wait(this.#doubts)
    else if (isRelapse) await this.#wait(this.#relapses)
  }

  /** Waits between the tries of one healing, each time longer. */
  tries(): () => Promise<void> {
    const backOff = new BackOff({ random: this.#options.random, ...pauses })
    return () => this.#wait(backOff)
  }

  #wait(backOff: BackOff): Promise<void> {
    const { clock, signal } = this.#options
    return sleep(clock, backOff.next(), signal)
  }
}
