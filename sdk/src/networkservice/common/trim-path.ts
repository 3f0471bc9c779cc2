import { element, type Element } from "../../core/chain.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/**
 * Ends the path at this hop, so that nothing stays of hops that an earlier request went through.
 *
 * Placement: in an endpoint, after `monitor`; not where calls go on to another hop.
 */
export function trimPath(): Element<NetworkService> {
  return element("trim-path", (next) => ({
    async request(request, call) {
      const index = connectionOf(request).path?.index ?? 0
      const granted = await next.request(request, call)
      const { path } = granted
      if (!path || path.pathSegments.length <= index + 1) return granted
      return { ...granted, path: { ...path, pathSegments: path.pathSegments.slice(0, index + 1) } }
    },
  }))
}
