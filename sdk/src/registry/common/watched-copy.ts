import { withCall } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"

/**
 * The answer to one query, kept fresh by a watch. A watch does not say when it has sent all that
 * matched at its start; so the copy is complete once it has everything that a direct find, begun
 * after the watch, has found.
 */
export class WatchedCopy<Entry extends Named, Query extends Watchable, Response extends Deletable> {
  readonly #kind: Kind<Entry, Query, Response>
  readonly #entries = new Map<string, Entry>()
  readonly #controller = new AbortController()
  #missing: ReadonlySet<string> | undefined
  readonly #onEmptied: (() => void) | undefined
  #isBroken = false

  /** `onEmptied` hears that the last entry has gone. */
  constructor(kind: Kind<Entry, Query, Response>, onEmptied?: () => void) {
    this.#kind = kind
    this.#onEmptied = onEmptied
  }

  /** Follows the watch until it breaks or the copy is disposed. */
  async follow(
    next: Registry<Entry, Query, Response>,
    query: Query,
    { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal | undefined },
  ): Promise<void> {
    const own = this.#controller.signal
    const ends = signal ? AbortSignal.any([own, signal]) : own
    try {
      await withCall({ clock, log, signal: ends }, async (call) => {
        for await (const response of next.find({ ...query, watch: true }, call)) {
          const entry = this.#kind.entry(response)
          if (entry) this.apply(entry, response.deleted)
        }
      })
    } catch (error) {
      if (!ends.aborted) log.debug("a watch of the registry broke", { error })
    } finally {
      this.#isBroken = true
    }
  }

  /** Whether the watch still runs. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** What a direct find answered. */
  compare(found: readonly Entry[]): void {
    this.#missing = new Set(found.map(({ name }) => name))
  }

  /** Notes an entry, or that it has gone. */
  apply(entry: Entry, deleted: boolean): void {
    if (!deleted) this.#entries.set(entry.name, entry)
    else if (this.#entries.delete(entry.name) && this.#entries.size === 0) this.#onEmptied?.()
  }

  /** All entries that match, or undefined as long as some may be missing. */
  entries(): readonly Entry[] | undefined {
    if (this.#isBroken || !this.#missing) return undefined
    for (const name of this.#missing) if (!this.#entries.has(name)) return undefined
    this.#missing = new Set()
    return [...this.#entries.values()]
  }

  /** Ends the watch. */
  close(): void {
    this.#controller.abort(new NsmError("CANCELLED", "nobody asks for this any more"))
  }
}
