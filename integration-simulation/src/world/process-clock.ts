import type { Clock } from "@nsm/sdk"

/** How a process's clock is unlike the world's. */
export interface ProcessClockOptions {
  /** The world's clock. */
  readonly clock: Clock
  /** How far it goes ahead. */
  readonly skewMs: number
  /** Hears of every timer that is set; answers whether it may be. */
  readonly onTimer: () => boolean
}

/** The clock of a process: wrong by something, and still once the process has died. */
export class ProcessClock implements Clock {
  readonly #options: ProcessClockOptions
  readonly #timers = new Set<Disposable>()
  #hasStopped = false

  constructor(options: ProcessClockOptions) {
    this.#options = options
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    // Whole milliseconds, as machines tell the time.
    return Math.floor(this.#options.clock.now()) + this.#options.skewMs
  }

  schedule(ms: number, run: () => void): Disposable {
    const { clock, onTimer } = this.#options
    if (this.#hasStopped || !onTimer()) return { [Symbol.dispose]() {} }
    const timer = clock.schedule(ms, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
    return {
      [Symbol.dispose]: () => {
        this.#timers.delete(timer)
        timer[Symbol.dispose]()
      },
    }
  }

  /** Nothing that waits for this clock goes on. */
  stop(): void {
    this.#hasStopped = true
    for (const timer of this.#timers) timer[Symbol.dispose]()
    this.#timers.clear()
  }
}
