import type { Call } from "../../../core/call.ts"
import { sleep } from "../../../core/clock.ts"
import type { EventFactory } from "../begin/event-factory.ts"

/** At least this long from one refresh that a hop asked for to the next. */
const restMs = 1000

/** What refreshing needs. */
export interface PacedRefreshOptions extends Pick<Call, "clock" | "log"> {
  readonly connectionId: string
  readonly events: EventFactory
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Refreshes a connection when hops ask for it: at once, and soon again however often they ask. */
export class PacedRefresh {
  readonly #options: PacedRefreshOptions
  #isBusy = false
  #isAskedAgain = false

  constructor(options: PacedRefreshOptions) {
    this.#options = options
  }

  /** A hop asks for it. */
  ask(): void {
    this.#isAskedAgain = this.#isBusy
    if (this.#isBusy) return
    this.#isBusy = true
    this.#run().catch(() => {})
  }

  async #run(): Promise<void> {
    const { events, clock, log, connectionId, signal } = this.#options
    do {
      this.#isAskedAgain = false
      await events.request().catch((error: unknown) => {
        log.debug("a refresh that a hop asked for failed", { connectionId, error })
      })
      await sleep(clock, restMs, signal)
    } while (this.#isAskedAgain)
    this.#isBusy = false
  }
}
