import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { addAddress, type Address, decodeAddress, deleteAddress, listAddresses } from "./address.ts"
import type { NamedLink } from "./link-requests.ts"

/** The IP addresses of a namespace. */
export class Addresses {
  readonly #namespace: NetworkNamespace

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  /** All of them, or those of one link. */
  list(link?: NamedLink): Address[] {
    const all = this.#namespace.netlink.dump(listAddresses(link)).map(decodeAddress)
    return link ? all.filter(({ index }) => index === link.index) : all
  }

  /** Puts an address, `192.0.2.1/32`, on a link; it may be there already. */
  add(link: NamedLink, address: string): void {
    this.#namespace.netlink.request([addAddress(link, address)])
  }

  /** Takes an address off a link; it may be gone already. */
  delete(link: NamedLink, address: string): void {
    this.#namespace.netlink.request([deleteAddress(link, address)])
  }
}
