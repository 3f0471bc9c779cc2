import type { Call } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import type { Clock } from "../../core/clock.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"
import { WatchedCopy } from "./watched-copy.ts"

/** How much is kept at hand. */
export interface WatchCacheOptions {
  /** How long the answer to a query is kept after it was last asked. @default 60000 */
  idleMs?: number
  /** To how many queries answers are kept; beyond, the longest unasked goes. @default 1000 */
  maxQueries?: number
  /** Ends all watches. @default never */
  signal?: AbortSignal
}

/**
 * Answers finds from copies that watches keep fresh, without a call. What no copy has is looked for
 * directly, so that what registered just now elsewhere is found too.
 *
 * Placement: the last before the connection to the registry.
 */
export function watchCache<
  Entry extends Named,
  Query extends Watchable,
  Response extends Deletable,
>(
  kind: Kind<Entry, Query, Response>,
  { idleMs = 60_000, maxQueries = 1000, signal }: WatchCacheOptions = {},
): Element<Registry<Entry, Query, Response>> {
  return element("watch-cache", (next) => {
    /** In the order of their last use. */
    const copies = new Map<string, Kept<Entry, Query, Response>>()
    let sweep: Disposable | undefined
    signal?.addEventListener("abort", () => sweep?.[Symbol.dispose](), { once: true })

    const take = (key: string, query: Query, call: Call): Kept<Entry, Query, Response> => {
      const kept = copies.get(key) ?? open(key, query, call)
      copies.delete(key)
      copies.set(key, kept)
      kept.usedAt = call.clock.now()
      return kept
    }
    const open = (key: string, query: Query, call: Call): Kept<Entry, Query, Response> => {
      const wanted = kind.wanted(query)
      // A name that has gone does not come back as a rule, and hundreds may go within the idle time.
      const emptied = (): void => (wanted?.name ? drop(key) : undefined)
      const copy = new WatchedCopy(kind, emptied)
      const broken = (): void => {
        if (copies.get(key)?.copy === copy) copies.delete(key)
      }
      copy.follow(next, query, { clock: call.clock, log: call.log, signal }).then(broken, broken)
      for (const [oldest] of copies) if (copies.size >= maxQueries) drop(oldest)
      return { copy, wanted, usedAt: 0 }
    }
    const drop = (key: string): void => {
      copies.get(key)?.copy.close()
      copies.delete(key)
    }
    const sweepLater = (clock: Clock): void => {
      if (signal?.aborted || copies.size === 0) return
      sweep ??= clock.schedule(idleMs, () => {
        sweep = undefined
        for (const [key, { usedAt }] of copies) if (clock.now() - usedAt >= idleMs) drop(key)
        sweepLater(clock)
      })
    }

    return {
      async *find(query, call) {
        if (query.watch) {
          yield* next.find(query, call)
          return
        }
        const { copy } = take(kind.key(query), query, call)
        sweepLater(call.clock)
        const isCurrent = (entry: Entry): boolean =>
          (kind.expiresAt(entry) ?? Infinity) > call.clock.now()
        const known = copy.entries()?.filter(isCurrent) ?? []
        for (const entry of known) yield kind.response(entry, false)
        if (known.length > 0) return
        const found: Entry[] = []
        for await (const response of next.find(query, call)) {
          const entry = kind.entry(response)
          if (entry) found.push(entry)
          yield response
        }
        copy.compare(found)
      },
      async register(entry, call) {
        const granted = await next.register(entry, call)
        for (const { copy, wanted } of copies.values()) {
          copy.apply(granted, wanted !== undefined && !kind.matches(granted, wanted))
        }
        return granted
      },
      async unregister(entry, call) {
        await next.unregister(entry, call)
        for (const { copy } of copies.values()) copy.apply(entry, true)
      },
    }
  })
}

interface Kept<Entry extends Named, Query extends Watchable, Response extends Deletable> {
  readonly copy: WatchedCopy<Entry, Query, Response>
  readonly wanted: Entry | undefined
  usedAt: number
}
