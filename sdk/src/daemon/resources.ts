import { NsmError } from "../core/errors.ts"
import type { Log } from "../core/log.ts"
import type { Clock } from "../core/clock.ts"

/** What has been started and has to be ended, last first. */
export class Resources {
  readonly #clock: Clock
  readonly #log: Log
  readonly #started: { readonly name: string; readonly end: () => Promise<void> }[] = []

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** Keeps something to be ended. */
  use<T extends AsyncDisposable | Disposable>(name: string, resource: T): T {
    this.defer(name, async () => {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
      else resource[Symbol.dispose]()
    })
    return resource
  }

  /** Keeps something to be done at the end. */
  defer(name: string, end: () => Promise<void>): void {
    this.#started.push({ name, end })
  }

  /**
   * Ends everything, last first, within `limitMs`. What fails or hangs is logged and does not keep
   * the rest: a step gets at most half of the time that is left. Answers whether all ended well.
   */
  async end(limitMs: number): Promise<boolean> {
    const until = this.#clock.now() + limitMs
    let isOrderly = true
    for (let step = this.#started.pop(); step; step = this.#started.pop()) {
      const left = until - this.#clock.now()
      try {
        await this.#within(this.#started.length > 0 ? left / 2 : left, step.end())
      } catch (error) {
        isOrderly = false
        this.#log.error("did not end in order", { what: step.name, error })
      }
    }
    return isOrderly
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = this.#clock.schedule(ms, () =>
      late.reject(new NsmError("DEADLINE_EXCEEDED", `took longer than ${Math.round(ms)} ms`)),
    )
    try {
      await Promise.race([work, late.promise])
    } finally {
      timer[Symbol.dispose]()
    }
  }
}
