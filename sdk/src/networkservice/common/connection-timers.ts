import type { Clock } from "../../core/clock.ts"

/** At most one timer per connection; all of them go when their owner ends. */
export class ConnectionTimers {
  readonly #timers = new Map<string, Disposable>()
  readonly #signal: AbortSignal | undefined

  constructor(signal?: AbortSignal) {
    this.#signal = signal
    signal?.addEventListener("abort", () => this.#cancelAll(), { once: true })
  }

  /**
   * Sets the connection's timer in place of the one that it has. `run` can ask, then and later,
   * whether it was replaced or cancelled.
   */
  arm(id: string, clock: Clock, ms: number, run: (isCurrent: () => boolean) => void): void {
    this.cancel(id)
    if (this.#signal?.aborted) return
    const timer = clock.schedule(ms, () => run(() => this.#timers.get(id) === timer))
    this.#timers.set(id, timer)
  }

  cancel(id: string): void {
    this.#timers.get(id)?.[Symbol.dispose]()
    this.#timers.delete(id)
  }

  #cancelAll(): void {
    for (const id of this.#timers.keys()) this.cancel(id)
  }
}
