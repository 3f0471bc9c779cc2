import { unlessEnded } from "./ended.ts"

/** Runs pieces of work one at a time per key, in the order in which they came. */
export class Serial {
  readonly #tails = new Map<string, Promise<unknown>>()

  /**
   * Runs `work` after all work that was given for the key before, whether that failed or not.
   * Whoever gives up while waiting is not run; `signal` ends the wait, never the work.
   */
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(key)
    const result = turn(before, work, signal)
    // Those behind someone who gave up still wait for those in front.
    const settled = (): Promise<unknown> | undefined => before
    const tail: Promise<unknown> = result.then(settled, settled).then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    this.#tails.set(key, tail)
    return result
  }

  /** How many keys have work that runs or waits. */
  get size(): number {
    return this.#tails.size
  }
}

async function turn<T>(
  before: Promise<unknown> | undefined,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (before) await (signal ? unlessEnded(signal, before) : before)
  return work()
}
