import { Label } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** Where the process runs; what is not known or empty is left out. */
export interface ClientInfoOptions {
  readonly nodeName?: string | undefined
  readonly podName?: string | undefined
  readonly clusterName?: string | undefined
}

/**
 * Labels the connection with the place where it begins, unless a hop before has done so.
 *
 * Placement: before elements that choose by labels.
 */
export function clientInfo({
  nodeName,
  podName,
  clusterName,
}: ClientInfoOptions): Element<NetworkService> {
  const place = Object.entries({
    [Label.nodeName]: nodeName,
    [Label.podName]: podName,
    [Label.clusterName]: clusterName,
  }).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const own = Object.fromEntries(place)
  return element("client-info", (next) => ({
    async request(request, call) {
      const labels = { ...own, ...connectionOf(request).labels }
      return next.request(withConnection(request, { labels }), call)
    },
  }))
}
