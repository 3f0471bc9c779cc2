import { element, type Element } from "../../core/chain.ts"
import { connectionOf, ipContextOf, withIpContext } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** What a node excludes. */
export interface ExcludedPrefixesOptions {
  /** The prefixes that no wire of this node may use, as they are now; a `PrefixFile` is one. */
  readonly source: { readonly prefixes: readonly string[] }
}

/**
 * Adds the node's excluded prefixes to what the client excludes.
 *
 * Placement: in a manager, before the request leaves for the endpoint that hands out addresses.
 */
export function excludedPrefixes({ source }: ExcludedPrefixesOptions): Element<NetworkService> {
  return element("excluded-prefixes", (next) => ({
    async request(request, call) {
      if (source.prefixes.length === 0) return next.request(request, call)
      const connection = connectionOf(request)
      const all = new Set([...ipContextOf(connection).excludedPrefixes, ...source.prefixes])
      const excluding = withIpContext(connection, { excludedPrefixes: [...all] })
      return next.request({ ...request, connection: excluding }, call)
    },
  }))
}
