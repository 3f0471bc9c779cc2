import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import { Watcher } from "./watcher.ts"

interface Watching<Entry extends Named> {
  readonly wanted: Entry | undefined
  readonly watcher: Watcher<Entry>
}

/** Everybody who watches a store, to be found by what they wait for. */
export class Watchers<Entry extends Named, Query extends Watchable, Response extends Deletable> {
  readonly #kind: Kind<Entry, Query, Response>
  /** A watcher stands in one place: under a name, else under one service, else under nothing. */
  readonly #places = new Map<string, Set<Watching<Entry>>>()
  #count = 0

  constructor(kind: Kind<Entry, Query, Response>) {
    this.#kind = kind
  }

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** Adds one until it is disposed. */
  add(wanted: Entry | undefined): Disposable & { readonly watcher: Watcher<Entry> } {
    const place = this.#placeOf(wanted)
    const watching = { wanted, watcher: new Watcher<Entry>() }
    const there = this.#places.get(place) ?? new Set()
    this.#places.set(place, there.add(watching))
    this.#count += 1
    return {
      watcher: watching.watcher,
      [Symbol.dispose]: () => {
        if (!there.delete(watching)) return
        this.#count -= 1
        if (there.size === 0 && this.#places.get(place) === there) this.#places.delete(place)
      },
    }
  }

  /** Tells of a change those whom it concerns; an entry that stops matching is gone for them. */
  tell(before: Entry | undefined, after: Entry | undefined): void {
    for (const { wanted, watcher } of this.#concerned(before, after)) {
      const did = before !== undefined && this.#matches(before, wanted)
      if (after !== undefined && this.#matches(after, wanted)) watcher.put(after, !did)
      else if (did) watcher.remove(before)
    }
  }

  #matches(entry: Entry, wanted: Entry | undefined): boolean {
    return wanted === undefined || this.#kind.matches(entry, wanted)
  }

  #placeOf(wanted: Entry | undefined): string {
    if (wanted && wanted.name !== "") return named(wanted.name)
    const [service] = wanted ? this.#kind.services(wanted) : []
    return service === undefined ? anywhere : serving(service)
  }

  *#concerned(...entries: (Entry | undefined)[]): Iterable<Watching<Entry>> {
    const places = new Set([anywhere])
    for (const entry of entries) {
      if (!entry) continue
      places.add(named(entry.name))
      for (const service of this.#kind.services(entry)) places.add(serving(service))
    }
    for (const place of places) yield* this.#places.get(place) ?? []
  }
}

const anywhere = ""
const named = (name: string): string => `name ${name}`
const serving = (service: string): string => `service ${service}`
