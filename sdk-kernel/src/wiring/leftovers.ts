import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { OpenEnd } from "./make-wire.ts"
import { type AliasParts, aliasParts } from "./owner.ts"

/**
 * Finds the interfaces that an earlier forwarder left in namespaces, known by the alias that they
 * were given. All interfaces of a namespace are listed only when it is first met: there can be many.
 */
export class Leftovers {
  readonly #isOurs: (owner: AliasParts["owner"]) => boolean
  readonly #met = new Map<string, ReadonlyMap<string, number>>()

  /** `isOurs` tells whether what has that owner may be taken over or removed here. */
  constructor(isOurs: (owner: AliasParts["owner"]) => boolean) {
    this.#isOurs = isOurs
  }

  /** What is there of each end of a wire. */
  find(ends: readonly OpenEnd[]): readonly (Link | undefined)[] {
    const found = ends.map((end) => this.#find(end))
    if (found.every((link) => link === undefined)) return found
    return found.map((link, at) => {
      const end = ends[at]
      if (link || !end) return link
      // it may have come since its namespace was first met
      this.forget(end.namespace.inode)
      return this.#find(end)
    })
  }

  /** Lists a namespace anew when it is met again. */
  forget(namespace: Inode): void {
    this.#met.delete(inodeUrl(namespace))
  }

  #find({ end, namespace }: OpenEnd): Link | undefined {
    const index = this.#indexes(namespace).get(end.alias)
    const link = index === undefined ? undefined : new Links(namespace).find(index)
    // what was listed may be something else by now
    return aliasParts(link?.alias)?.end === end.alias ? link : undefined
  }

  #indexes(namespace: NetworkNamespace): ReadonlyMap<string, number> {
    const key = inodeUrl(namespace.inode)
    const known = this.#met.get(key)
    if (known) return known
    const found = new Map<string, number>()
    for (const { alias, index } of new Links(namespace).list()) {
      const parts = aliasParts(alias)
      if (parts && this.#isOurs(parts.owner)) found.set(parts.end, index)
    }
    this.#met.set(key, found)
    return found
  }
}
