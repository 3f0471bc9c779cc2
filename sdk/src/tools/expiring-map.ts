import type { Clock } from "../core/clock.ts"

/** Below this many entries nothing is gained by looking for those that ended. */
const fewEntries = 64

/** Values that end by themselves. It needs no timer, and holds at most twice what has not ended. */
export class ExpiringMap<Value> {
  readonly #clock: Clock
  readonly #entries = new Map<string, { readonly value: Value; readonly end: number }>()
  #tidyAbove = fewEntries

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Keeps a value until `end`, in place of the one that the key had. */
  set(key: string, value: Value, end: number): void {
    this.#entries.set(key, { value, end })
    if (this.#entries.size > this.#tidyAbove) this.#tidy()
  }

  /** What the key has, unless that has ended. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.end > this.#clock.now() ? entry.value : undefined
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** How many are held, with those that ended and were not yet dropped. */
  get size(): number {
    return this.#entries.size
  }

  /** What has not ended. */
  values(): readonly Value[] {
    this.#tidy()
    return [...this.#entries.values()].map(({ value }) => value)
  }

  #tidy(): void {
    const now = this.#clock.now()
    for (const [key, { end }] of this.#entries) if (end <= now) this.#entries.delete(key)
    this.#tidyAbove = Math.max(fewEntries, 2 * this.#entries.size)
  }
}
