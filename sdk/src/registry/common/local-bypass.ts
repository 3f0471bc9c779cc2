import type { NetworkServiceEndpoint, NetworkServiceEndpointResponse } from "@nsm/api"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"

/** How others see the endpoints of this manager. */
export interface LocalBypassOptions {
  /** The URL of the manager, which stands in the registry for the URLs of its endpoints. */
  publicUrl: string
}

/**
 * Registers the node's endpoints under the manager's URL and gives the node their own, so that
 * others come through the manager and the node's forwarders go straight to the endpoint.
 *
 * Placement: in a manager, the last before the registry that all managers share.
 */
export function localBypass({
  publicUrl,
}: LocalBypassOptions): Element<NetworkServiceEndpointRegistry> {
  return element("local-bypass", (next) => {
    const urls = new Map<string, string>()

    /** An entry with this manager's URL that it does not know is left from before a restart. */
    const local = (answer: NetworkServiceEndpointResponse): NetworkServiceEndpointResponse[] => {
      const { networkServiceEndpoint: endpoint, deleted } = answer
      if (endpoint?.url !== publicUrl) return [answer]
      const url = urls.get(endpoint.name)
      if (url !== undefined) return [{ ...answer, networkServiceEndpoint: { ...endpoint, url } }]
      return deleted ? [answer] : []
    }

    return {
      async register(endpoint, call) {
        const { name, url } = endpoint
        if (url === "") throw new NsmError("INVALID_REQUEST", `endpoint ${name} needs a url`)
        const before = urls.get(name)
        // Known before it is registered, for those who watch hear of it before it is answered.
        urls.set(name, url)
        let granted: NetworkServiceEndpoint
        try {
          granted = await next.register({ ...endpoint, url: publicUrl }, call)
        } catch (failure) {
          if (before === undefined) urls.delete(name)
          else urls.set(name, before)
          throw failure
        }
        return { ...granted, url }
      },
      async *find(query, call) {
        for await (const answer of next.find(query, call)) yield* local(answer)
      },
      async unregister(endpoint, call) {
        if (!urls.has(endpoint.name)) return
        await next.unregister({ ...endpoint, url: publicUrl }, call)
        urls.delete(endpoint.name)
      },
    }
  })
}
