import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { NamedLink } from "./link-requests.ts"
import {
  decodeRoute,
  deleteRoute,
  type InstalledRoute,
  listRoutes,
  replaceRoute,
  type Route,
} from "./route.ts"

/** The routes of a namespace. */
export class Routes {
  readonly #namespace: NetworkNamespace

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  /** All unicast routes of all tables, or those through one link. */
  list(link?: NamedLink): InstalledRoute[] {
    const all = this.#namespace.netlink
      .dump(listRoutes(link))
      .map(decodeRoute)
      .filter((route) => route !== undefined)
    return link ? all.filter(({ index }) => index === link.index) : all
  }

  /** Puts a route through a link, instead of one that its table has for that prefix and metric. */
  replace(link: NamedLink, route: Route): void {
    this.#namespace.netlink.request([replaceRoute(link, route)])
  }

  /** Takes a route away; it may be gone already. */
  delete(link: NamedLink, route: Route): void {
    this.#namespace.netlink.request([deleteRoute(link, route)])
  }
}
