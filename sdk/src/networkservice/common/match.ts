import type { Match, NetworkService, NetworkServiceEndpoint } from "@nsm/api"
import { Label } from "@nsm/api"
import { fillTemplate } from "./template.ts"

/** Labels of a client, an endpoint or a forwarder. */
export type Labels = Readonly<Record<string, string>>

/**
 * Whether all labels that a selector names have the values that it names. A value may be a template
 * over the client's labels.
 */
export function selects(selector: Labels, labels: Labels, client: Labels): boolean {
  return Object.entries(selector).every(([name, wanted]) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined
    return value !== undefined && (value === wanted || value === fillTemplate(wanted, client))
  })
}

/** The labels under which an endpoint provides a network service. */
export function labelsFor(service: string, endpoint: NetworkServiceEndpoint): Labels | undefined {
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
    if (!selects(match.sourceSelector, client, client)) continue
    const found = match.routes.flatMap(({ destinationSelector }) =>
      endpoints.filter((endpoint) =>
        selects(destinationSelector, labelsFor(service.name, endpoint) ?? {}, client),
      ),
    )
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
    if (!selects(match.sourceSelector, client, client)) continue
    const wanted = wantedOfForwarder(match)
    const found = forwarders.filter((forwarder) => {
      const labels = labelsFor(forwarderService, forwarder)
      return labels !== undefined && selects(wanted, labels, client)
    })
    if (found.length > 0 || !match.fallthrough) return found
  }
  return []
}

function wantedOfForwarder({ metadata }: Match): Labels {
  const labels = metadata?.labels ?? {}
  return Object.keys(labels).length > 0 ? labels : { [Label.p2p]: "true" }
}
