import type { Clock } from "../../core/clock.ts"

/** How much trying again is allowed. */
export interface RetryBudgetOptions {
  readonly clock: Clock
  /** Of a hundred requests, how many may be tried once more. @default 20 */
  readonly percent?: number
  /** How many retries each second brings, however few the requests are. @default 10 */
  readonly perSecond?: number
  /** How many can be saved up. @default what ten seconds bring */
  readonly capacity?: number
}

/** How a retry budget stands. */
export interface RetryBudgetState {
  /** Retries that are allowed now. */
  readonly left: number
  readonly capacity: number
  readonly percent: number
  readonly perSecond: number
}

/** What a retry costs, in parts small enough that no part is ever a fraction. */
const cost = 100_000

/**
 * Limits retries to a part of the requests, so that they never multiply an outage: a token bucket
 * that requests fill and time fills, and that each retry empties by one.
 */
export class RetryBudget {
  readonly #clock: Clock
  readonly #percent: number
  readonly #perSecond: number
  readonly #capacity: number
  #parts: number
  #filledAt: number

  constructor({
    clock,
    percent = 20,
    perSecond = 10,
    capacity = 10 * perSecond,
  }: RetryBudgetOptions) {
    this.#clock = clock
    this.#percent = percent
    this.#perSecond = perSecond
    this.#capacity = capacity
    this.#parts = capacity * cost
    this.#filledAt = clock.now()
  }

  /** Counts a request. */
  request(): void {
    this.#fill((this.#percent * cost) / 100)
  }

  /** Takes a retry, if one is left. */
  take(): boolean {
    this.#fill(0)
    if (this.#parts < cost) return false
    this.#parts -= cost
    return true
  }

  get state(): RetryBudgetState {
    this.#fill(0)
    return {
      left: Math.floor(this.#parts / cost),
      capacity: this.#capacity,
      percent: this.#percent,
      perSecond: this.#perSecond,
    }
  }

  #fill(parts: number): void {
    const now = this.#clock.now()
    // A clock that was set back brings nothing, and takes nothing away.
    const passedMs = Math.max(0, now - this.#filledAt)
    this.#filledAt = now
    const filled = this.#parts + parts + (passedMs * this.#perSecond * cost) / 1000
    this.#parts = Math.min(this.#capacity * cost, filled)
  }
}
