import { NsmError } from "@nsm/sdk"
import { Links } from "../links/links.ts"
import { inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { OpenEnd } from "./make-wire.ts"

/**
 * Removes the interfaces that an earlier forwarder left in namespaces, known by the alias that they
 * were given. All interfaces of a namespace are listed only when it is first met: there can be many.
 */
export class Leftovers {
  readonly #met = new Map<string, ReadonlyMap<string, number>>()

  /** Makes place for an interface. Fails with INTERFACE_NAME_TAKEN when another has its name. */
  async clear({ end: { name, alias }, namespace }: OpenEnd): Promise<void> {
    const links = new Links(namespace)
    const index = this.#indexes(namespace).get(alias)
    // what was listed may be something else by now
    const own = index === undefined ? undefined : links.find(index)
    if (own?.alias === alias) await links.delete(own.index)
    const found = links.find(name)
    if (!found) return
    if (found.alias === alias) return await links.delete(found.index)
    throw nameTaken(name, namespace.origin)
  }

  /** Lists a namespace anew when it is met again. */
  forget(namespace: string): void {
    this.#met.delete(namespace)
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

/** The error for an interface name that is in use by somebody else. */
export function nameTaken(name: string, namespace: string): NsmError {
  return new NsmError(
    "INTERFACE_NAME_TAKEN",
    `namespace ${namespace} already has an interface "${name}"; choose another name`,
  )
}
