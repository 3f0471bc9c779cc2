import type { Clock } from "../core/clock.ts"

/** Something that changes. */
export interface Changing {
  /** Calls `listener` whenever it has, until it is disposed. */
  onChange(listener: () => void): Disposable
}

/** Why waiting has ended. */
export type News = "changed" | "due" | "ended"

/** Remembers that something has changed, until somebody asks. */
export class Changes implements Disposable {
  readonly #clock: Clock
  readonly #listening = new DisposableStack()
  #news = Promise.withResolvers<News>()

  constructor(sources: readonly Changing[], clock: Clock) {
    this.#clock = clock
    for (const source of sources) {
      this.#listening.use(source.onChange(() => this.#news.resolve("changed")))
    }
  }

  /** Waits for the next change, or for that time, or for the signal; says which it was. */
  async next(signal: AbortSignal, at?: number): Promise<News> {
    const { promise, resolve } = this.#news
    const end = (): void => resolve("ended")
    signal.addEventListener("abort", end, { once: true })
    if (signal.aborted) end()
    // Timers fire a little early at times, so that looking at the clock afterwards would not do.
    using _timer =
      at === undefined ? null : this.#clock.schedule(at - this.#clock.now(), () => resolve("due"))
    const news = await promise
    signal.removeEventListener("abort", end)
    this.#news = Promise.withResolvers()
    return news
  }

  [Symbol.dispose](): void {
    this.#listening.dispose()
  }
}
