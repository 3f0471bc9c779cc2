import { setImmediate } from "node:timers/promises"
import type { Clock } from "../core/clock.ts"

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * Time that moves only when told to. Timers fire in the order of their times, and everything that
 * one sets off comes to rest before the next fires.
 */
export class FakeClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Timer>()

  /** Starts at `now` milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(ms: number, run: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time on by `ms`, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (let timer = this.#next(until); timer; timer = this.#next(until)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.run()
      await settled()
    }
    this.#now = until
  }

  #next(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > until) continue
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer
    }
    return next
  }
}

/** Resolves when promises that need no timer and no input have come to rest. */
async function settled(): Promise<void> {
  await setImmediate()
}
