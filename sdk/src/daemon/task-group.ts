import { NsmError } from "../core/errors.ts"
import type { Log } from "../core/log.ts"

/** Runs work in the background, so that no promise is lost: failures are logged, ends awaited. */
export class TaskGroup implements AsyncDisposable {
  readonly #log: Log
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor({ log }: { log: Log }) {
    this.#log = log
  }

  /** Starts work that ends when its signal fires. A failure before that is logged. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    const task = this.#guarded(name, work).finally(() => this.#running.delete(task))
    this.#running.add(task)
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Ends all work and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new NsmError("SHUTTING_DOWN", "the process is ending"))
    await this.idle()
  }

  async #guarded(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#controller
    try {
      await work(signal)
    } catch (failure) {
      if (!signal.aborted) this.#log.error("background work failed", { task: name, error: failure })
    }
  }
}
