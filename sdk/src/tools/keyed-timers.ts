import type { Clock } from "../core/clock.ts"

/** At most one timer per key; all of them go when their owner ends. */
export class KeyedTimers {
  readonly #timers = new Map<string, Disposable>()
  readonly #signal: AbortSignal | undefined

  constructor(signal?: AbortSignal) {
    this.#signal = signal
    signal?.addEventListener("abort", () => this.#cancelAll(), { once: true })
  }

  /**
   * Sets the key's timer in place of the one that it has. `run` can ask, then and later, whether it
   * was replaced or cancelled.
   */
  arm(key: string, clock: Clock, ms: number, run: (isCurrent: () => boolean) => void): void {
    this.cancel(key)
    if (this.#signal?.aborted) return
    const timer = clock.schedule(ms, () => run(() => this.#timers.get(key) === timer))
    this.#timers.set(key, timer)
  }

  cancel(key: string): void {
    this.#timers.get(key)?.[Symbol.dispose]()
    this.#timers.delete(key)
  }

  #cancelAll(): void {
    for (const key of this.#timers.keys()) this.cancel(key)
  }
}
