import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { NamedLink } from "./link-requests.ts"
import {
  decodeNeighbour,
  deleteNeighbour,
  type KnownNeighbour,
  listNeighbours,
  type Neighbour,
  replaceNeighbour,
} from "./neighbour.ts"

/** The neighbours that a namespace knows. */
export class Neighbours {
  readonly #namespace: NetworkNamespace

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  /** All of them, or those on one link. */
  list(link?: NamedLink): KnownNeighbour[] {
    const all = this.#namespace.netlink
      .dump(listNeighbours(link))
      .map(decodeNeighbour)
      .filter((neighbour) => neighbour !== undefined)
    return link ? all.filter(({ index }) => index === link.index) : all
  }

  /** Makes a neighbour known on a link, instead of what is known of that address. */
  replace(link: NamedLink, neighbour: Neighbour): void {
    this.#namespace.netlink.request([replaceNeighbour(link, neighbour)])
  }

  /** Forgets a neighbour; it may be forgotten already. */
  delete(link: NamedLink, ip: string): void {
    this.#namespace.netlink.request([deleteNeighbour(link, ip)])
  }
}
