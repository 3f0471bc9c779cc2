import type { Call } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"
import { Watchers } from "./watchers.ts"

/** A registry that keeps its entries in memory, with numbers about itself. */
export interface MemoryRegistry<Entry, Query, Response> extends Registry<Entry, Query, Response> {
  /** How many entries there are. */
  entryCount(): number
  /** How many queries are being watched. */
  watcherCount(): number
}

/**
 * Keeps entries by name and finds them by name or by service.
 *
 * Placement: the end of a registry's chain.
 */
export function memoryRegistry<
  Entry extends Named,
  Query extends Watchable,
  Response extends Deletable,
>(kind: Kind<Entry, Query, Response>): MemoryRegistry<Entry, Query, Response> {
  const entries = new Map<string, Entry>()
  const byService = new Map<string, Map<string, Entry>>()
  const watchers = new Watchers(kind)

  const put = (name: string, after: Entry | undefined): void => {
    const before = entries.get(name)
    if (after) entries.set(name, after)
    else entries.delete(name)
    for (const service of before ? kind.services(before) : []) {
      const there = byService.get(service)
      if (there?.delete(name) && there.size === 0) byService.delete(service)
    }
    for (const service of after ? kind.services(after) : []) {
      const there = byService.get(service) ?? new Map<string, Entry>()
      byService.set(service, there.set(name, after as Entry))
    }
    watchers.tell(before, after)
  }

  /** Copied, because entries come and go while the reader takes its time. */
  const matching = (wanted: Entry | undefined): readonly Entry[] => {
    if (!wanted) return [...entries.values()]
    return candidates(wanted).filter((entry) => kind.matches(entry, wanted))
  }

  const candidates = (wanted: Entry): readonly Entry[] => {
    if (wanted.name !== "") {
      const entry = entries.get(wanted.name)
      return entry ? [entry] : []
    }
    const [service] = kind.services(wanted)
    const there = service === undefined ? entries : byService.get(service)
    return [...(there?.values() ?? [])]
  }

  return {
    async register(entry) {
      if (entry.name === "") throw new NsmError("INVALID_REQUEST", `a ${kind.noun} needs a name`)
      put(entry.name, entry)
      return entry
    },
    async *find(query: Query, call: Call) {
      const wanted = kind.wanted(query)
      if (!query.watch) {
        for (const entry of matching(wanted)) yield kind.response(entry, false)
        return
      }
      using watching = watchers.add(wanted)
      for (const entry of matching(wanted)) yield kind.response(entry, false)
      for await (const { entry, deleted } of watching.watcher.changes(call.signal)) {
        yield kind.response(entry, deleted)
      }
    },
    async unregister({ name }) {
      if (entries.has(name)) put(name, undefined)
    },
    entryCount: () => entries.size,
    watcherCount: () => watchers.count,
  }
}
