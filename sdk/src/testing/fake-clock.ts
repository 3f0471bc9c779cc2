import { setImmediate } from "node:timers/promises"
import type { Clock } from "../core/clock.ts"
import { TimerQueue } from "./timer-queue.ts"

/**
 * Time that moves only when told to. Timers fire in the order of their times, and everything that
 * one sets off comes to rest before the next fires.
 */
export class FakeClock implements Clock {
  #now: number
  readonly #timers = new TimerQueue()

  /** Starts at `now` milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(ms: number, run: () => void): Disposable {
    // In whole milliseconds, as the machine's clock.
    const timer = this.#timers.add(this.#now + Math.max(0, Math.trunc(ms)), run)
    return { [Symbol.dispose]: () => this.#timers.delete(timer) }
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time on by `ms`, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (let timer = this.#timers.take(until); timer; timer = this.#timers.take(until)) {
      this.#now = timer.at
      timer.run()
      await settled()
    }
    this.#now = until
  }
}

/** Resolves when promises that need no timer and no input have come to rest. */
async function settled(): Promise<void> {
  await setImmediate()
}
