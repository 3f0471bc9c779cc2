import type { Connection } from "@nsm/api"
import type { Watcher } from "./watcher.ts"

/**
 * Those who watch, found by connection. Most ask for one connection by the id of a segment; they
 * cost the others nothing.
 */
export class Watchers {
  readonly #bySegment = new Map<string, Set<Watcher>>()
  /** Those who named no id. */
  readonly #wide = new Set<Watcher>()

  add(watcher: Watcher): void {
    const id = idOf(watcher)
    const group = this.#group(id) ?? new Set()
    group.add(watcher)
    if (id !== undefined) this.#bySegment.set(id, group)
  }

  delete(watcher: Watcher): void {
    const id = idOf(watcher)
    const group = this.#group(id)
    group?.delete(watcher)
    if (id !== undefined && group?.size === 0) this.#bySegment.delete(id)
  }

  /** Everybody who may have selected the connection. */
  *of({ path }: Connection): Generator<Watcher> {
    yield* this.#wide
    for (const { id } of path?.pathSegments ?? []) yield* this.#bySegment.get(id) ?? []
  }

  *[Symbol.iterator](): Generator<Watcher> {
    yield* this.#wide
    for (const group of this.#bySegment.values()) yield* group
  }

  #group(id: string | undefined): Set<Watcher> | undefined {
    return id === undefined ? this.#wide : this.#bySegment.get(id)
  }
}

function idOf({ selector }: Watcher): string | undefined {
  return selector.pathSegments.find(({ id }) => id !== "")?.id
}
