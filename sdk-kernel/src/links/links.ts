import { NsmError } from "@nsm/sdk"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { decodePayload } from "../netlink/message.ts"
import { IFLA, ifinfomsg } from "../netlink/rtnetlink.ts"
import { decodeLink, type Link } from "./link.ts"
import {
  changeLink,
  createLink,
  deleteLink,
  getLink,
  getStatistics,
  type LinkBirth,
  type LinkChanges,
  type LinkId,
  listLinks,
} from "./link-requests.ts"
import { type LinkStatistics, readStatistics } from "./link-statistics.ts"

/** The interfaces of a namespace. */
export class Links {
  readonly #namespace: NetworkNamespace

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  /** All of them. */
  list(): Link[] {
    return this.#namespace.netlink.dump(listLinks()).map(decodeLink)
  }

  /** The one with that name or index. */
  get(id: LinkId): Link {
    const link = this.#ask(getLink(id))
    if (link) return link
    throw this.#emptyAnswer()
  }

  /** The one with that name or index, if there is one. */
  find(id: LinkId): Link | undefined {
    return this.#ask({ ...getLink(id), harmless: ["ENODEV"] })
  }

  /** What has passed through the one with that name or index. */
  statistics(id: LinkId): LinkStatistics {
    const [[message] = []] = this.#namespace.netlink.request([getStatistics(id)])
    const counters =
      message && decodePayload(ifinfomsg, message.payload).attributes.get(IFLA.STATS64)
    if (counters) return readStatistics(counters)
    throw this.#emptyAnswer()
  }

  /** Makes a bridge, which is down at first. */
  createBridge(birth: Pick<LinkBirth, "name" | "mtu" | "mac">): Link {
    this.#namespace.netlink.request([createLink("bridge", birth)])
    return this.get(birth.name)
  }

  /** Changes what is given: name, MTU, hardware address, alias, up or down, bridge. */
  change(id: LinkId, changes: LinkChanges): void {
    this.#namespace.netlink.request([changeLink(this.get(id), changes)])
  }

  /** Removes one, and the other end if it is a pair's, without blocking; it may be gone already. */
  async delete(id: LinkId): Promise<void> {
    await this.#namespace.netlink.later(deleteLink(id))
  }

  #ask(request: NetlinkRequest): Link | undefined {
    const [message] = this.#namespace.netlink.request([request])[0] ?? []
    return message && decodeLink(message)
  }

  #emptyAnswer(): NsmError {
    return new NsmError("INTERNAL", `find an interface in ${this.#namespace.origin}: empty answer`)
  }
}
