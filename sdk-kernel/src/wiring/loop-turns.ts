import { setImmediate as turn } from "node:timers/promises"

/**
 * Lets callers go on one after the other, each in a turn of the event loop of its own. What each does
 * in its turn may take a while; answers to earlier callers leave in between, instead of with the last.
 */
export class LoopTurns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => turn())
    return this.#last
  }
}
