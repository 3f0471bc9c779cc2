import { create } from "@bufbuild/protobuf"
import { type NetworkServiceLabels, NetworkServiceLabelsSchema } from "@nsm/api"
import { type Element, element } from "../../core/chain.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"

/**
 * Adds labels that say where an endpoint runs, such as `nodeName`, to each of its services. Labels
 * that it has already stay.
 *
 * Placement: anywhere before what keeps the entries.
 */
export function registryClientInfo(
  labels: Readonly<Record<string, string>>,
): Element<NetworkServiceEndpointRegistry> {
  return element("client-info", (next) => ({
    async register(endpoint, call) {
      const networkServiceLabels: Record<string, NetworkServiceLabels> = {}
      const own = endpoint.networkServiceLabels
      for (const service of new Set([...endpoint.networkServiceNames, ...Object.keys(own)])) {
        networkServiceLabels[service] = create(NetworkServiceLabelsSchema, {
          labels: { ...labels, ...own[service]?.labels },
        })
      }
      return await next.register({ ...endpoint, networkServiceLabels }, call)
    },
  }))
}
