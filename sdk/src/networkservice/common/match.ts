import type { Match, NetworkService, NetworkServiceEndpoint } from "@nsm/api"
import { Label } from "@nsm/api"
import { applyRules, labelsFor } from "../selection/rules.ts"
import { type Labels, selector } from "../selection/selector.ts"

/**
 * The endpoints that a client with these labels may be joined to, in the order of the service's
 * routes. The first rule that applies decides, unless it finds nobody and says `fallthrough`.
 */
export function matchEndpoints(
  client: Labels,
  service: NetworkService,
  endpoints: readonly NetworkServiceEndpoint[],
): readonly NetworkServiceEndpoint[] {
  const { allowed } = applyRules({ service, endpoints, labels: client })
  return allowed.map(({ endpoint }) => endpoint)
}

/**
 * The forwarders that may serve a client with these labels. A rule without metadata wants a
 * forwarder that joins two wires.
 */
export function matchForwarders(
  client: Labels,
  service: NetworkService,
  forwarders: readonly NetworkServiceEndpoint[],
  forwarderService: string,
): readonly NetworkServiceEndpoint[] {
  if (service.matches.length === 0) return forwarders
  for (const match of service.matches) {
    if (selector(match.sourceSelector, client)(client)) continue
    const misfitOf = selector(wantedOfForwarder(match), client)
    const found = forwarders.filter((forwarder) => {
      const labels = labelsFor(forwarderService, forwarder)
      return labels !== undefined && !misfitOf(labels)
    })
    if (found.length > 0 || !match.fallthrough) return found
  }
  return []
}

function wantedOfForwarder({ metadata }: Match): Labels {
  const labels = metadata?.labels ?? {}
  return Object.keys(labels).length > 0 ? labels : { [Label.p2p]: "true" }
}
