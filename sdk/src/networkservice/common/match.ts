import type { Match, NetworkService, NetworkServiceEndpoint } from "@nsm/api"
import { Label } from "@nsm/api"
import { fillTemplate } from "./template.ts"

/** Labels of a client, an endpoint or a forwarder. */
export type Labels = Readonly<Record<string, string>>

/**
 * Tells of labels whether they have all that a selector names, with the values that it names. A
 * value may be a template over the client's labels.
 */
export function selection(selector: Labels, client: Labels): (labels: Labels) => boolean {
  const wanted = Object.entries(selector).map(([name, value]) => {
    const filled = value.includes("{{") ? fillTemplate(value, client) : undefined
    return { name, value, filled }
  })
  return (labels) =>
    wanted.every(({ name, value, filled }) => {
      const own = Object.hasOwn(labels, name) ? labels[name] : undefined
      return own !== undefined && (own === value || own === filled)
    })
}

/** The labels under which an endpoint provides a network service. */
function labelsFor(service: string, endpoint: NetworkServiceEndpoint): Labels | undefined {
  return endpoint.networkServiceLabels[service]?.labels
}

/**
 * The endpoints that a client with these labels may be joined to, in the order of the service's
 * routes. The first rule that applies decides, unless it finds nobody and says `fallthrough`. An
 * endpoint that two routes name comes twice. Weights are not used yet.
 */
export function matchEndpoints(
  client: Labels,
  service: NetworkService,
  endpoints: readonly NetworkServiceEndpoint[],
): readonly NetworkServiceEndpoint[] {
  if (service.matches.length === 0) return endpoints
  for (const match of service.matches) {
    if (!selection(match.sourceSelector, client)(client)) continue
    const found = match.routes.flatMap(({ destinationSelector }) => {
      const isSelected = selection(destinationSelector, client)
      return endpoints.filter((endpoint) => isSelected(labelsFor(service.name, endpoint) ?? {}))
    })
    if (found.length === 0 && match.fallthrough) continue
    const isOpen = found.length === 0 && match.metadata !== undefined && match.routes.length === 0
    return isOpen ? endpoints : found
  }
  return []
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
    if (!selection(match.sourceSelector, client)(client)) continue
    const isSelected = selection(wantedOfForwarder(match), client)
    const found = forwarders.filter((forwarder) => {
      const labels = labelsFor(forwarderService, forwarder)
      return labels !== undefined && isSelected(labels)
    })
    if (found.length > 0 || !match.fallthrough) return found
  }
  return []
}

function wantedOfForwarder({ metadata }: Match): Labels {
  const labels = metadata?.labels ?? {}
  return Object.keys(labels).length > 0 ? labels : { [Label.p2p]: "true" }
}
