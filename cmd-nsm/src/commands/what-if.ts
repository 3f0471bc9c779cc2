import type { NetworkServiceEndpoint } from "@nsm/api"
import { NsmError } from "@nsm/sdk"

/** What is supposed of the endpoints of a network service, though it is not so. */
export interface WhatIf {
  /** Endpoints that are not there. */
  readonly withoutEndpoint: readonly string[]
  /** Nodes that have no endpoints. */
  readonly withoutNode: readonly string[]
  /** Labels that endpoints have. */
  readonly withLabel: readonly EndpointLabel[]
}

/** A label of an endpoint. */
export interface EndpointLabel {
  readonly endpoint: string
  readonly key: string
  readonly value: string
}

/** What there is. */
interface Known {
  readonly service: string
  readonly nodes: readonly string[]
}

/** The endpoints as they would be. Names that do not exist are refused: who asks has mistyped them. */
export function supposed(
  endpoints: readonly NetworkServiceEndpoint[],
  { withoutEndpoint, withoutNode, withLabel }: WhatIf,
  { service, nodes }: Known,
): readonly NetworkServiceEndpoint[] {
  const names = endpoints.map(({ name }) => name)
  const labelled = withLabel.map(({ endpoint }) => endpoint)
  for (const name of [...withoutEndpoint, ...labelled]) {
    refuseUnknown(`no endpoint of ${service} is called "${name}"`, name, names)
  }
  for (const name of withoutNode) refuseUnknown(`no node is called "${name}"`, name, nodes)
  return endpoints
    .filter(({ name }) => !withoutEndpoint.includes(name))
    .filter((endpoint) => !withoutNode.includes(nodeOf(endpoint, service) ?? ""))
    .map((endpoint) => withLabels(endpoint, service, withLabel))
}

/** The node of an endpoint, as its manager has labelled it. */
export function nodeOf(endpoint: NetworkServiceEndpoint, service: string): string | undefined {
  return endpoint.networkServiceLabels[service]?.labels["nodeName"]
}

function withLabels(
  endpoint: NetworkServiceEndpoint,
  service: string,
  added: readonly EndpointLabel[],
): NetworkServiceEndpoint {
  const own = added.filter((label) => label.endpoint === endpoint.name)
  if (own.length === 0) return endpoint
  const known = endpoint.networkServiceLabels[service]
  const labels = {
    ...known?.labels,
    ...Object.fromEntries(own.map(({ key, value }) => [key, value])),
  }
  const entry = { $typeName: "registry.NetworkServiceLabels" as const, ...known, labels }
  return {
    ...endpoint,
    networkServiceLabels: { ...endpoint.networkServiceLabels, [service]: entry },
  }
}

function refuseUnknown(text: string, name: string, all: readonly string[]): void {
  if (all.includes(name)) return
  const remedy = all.length > 0 ? `Choose one of: ${all.join(", ")}` : "There is none."
  throw new NsmError("INVALID_CONFIGURATION", text, { remedy })
}
