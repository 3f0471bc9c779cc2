import { Links } from "../links/links.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/**
 * Removes an interface, and with it its peer, addresses and routes. One that does not exist is no
 * error. Takes some 20 ms of waiting, which do not block the process.
 */
export function deleteInterface(namespace: NetworkNamespace, name: string): Promise<void> {
  return new Links(namespace).delete(name)
}
