import { Links } from "../links/links.ts"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { OpenEnd } from "./make-wire.ts"

/**
 * Removes the interfaces that an earlier forwarder left in namespaces, known by the alias that they
 * were given. All interfaces of a namespace are listed only when it is first met: there can be many.
 */
export class Leftovers {
  readonly #met = new Map<string, ReadonlyMap<string, number>>()

  /** Removes what has the alias of a wire's end that is to be made; answers whether there was such. */
  async clear({ end: { alias }, namespace }: OpenEnd): Promise<boolean> {
    const index = this.#indexes(namespace).get(alias)
    if (index === undefined) return false
    const links = new Links(namespace)
    // what was listed may be something else by now
    if (links.find(index)?.alias !== alias) return false
    await links.delete(index)
    return true
  }

  /** Lists a namespace anew when it is met again. */
  forget(namespace: Inode): void {
    this.#met.delete(inodeUrl(namespace))
  }

  #indexes(namespace: NetworkNamespace): ReadonlyMap<string, number> {
    const key = inodeUrl(namespace.inode)
    const known = this.#met.get(key)
    if (known) return known
    const found = new Map<string, number>()
    for (const { alias, index } of new Links(namespace).list()) {
      if (alias !== undefined) found.set(alias, index)
    }
    this.#met.set(key, found)
    return found
  }
}
