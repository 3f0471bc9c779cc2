import type { NetworkService as Service, NetworkServiceEndpoint } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Registries } from "../../registry/service.ts"
import { connectionOf, withConnection } from "../connection.ts"
import { applyRules, type Ruled } from "../selection/rules.ts"
import type { Labels } from "../selection/selector.ts"
import type { NetworkService } from "../service.ts"
import { candidates } from "./candidates.ts"
import { nextUrl } from "./next-url.ts"
import { findService, registeredEndpoints, registeredService } from "./registered.ts"
import { namingPeer } from "./unreachable.ts"

/** Where to look. */
export interface DiscoverOptions {
  readonly registries: Registries
}

/**
 * Finds who may serve a request: the endpoint that it names, or all that the network service's
 * match rules allow this client.
 *
 * Placement: in a forwarder, before `selectEndpoint`.
 */
export function discover({ registries }: DiscoverOptions): Element<NetworkService> {
  return element("discover", (next) => ({
    async request(request, call) {
      if (call.get(nextUrl) !== undefined) return next.request(request, call)
      const {
        networkServiceEndpointName: name,
        networkService,
        payload,
        labels,
      } = connectionOf(request)
      if (name) {
        const { url } = await namedEndpoint(registries, name, call)
        // Whoever names an endpoint at first does not know what its service carries.
        const known = payload || (await findService(registries, networkService, "", call))?.payload
        const asked = known ? withConnection(request, { payload: known }) : request
        return namingPeer(`endpoint ${name}`, url, () =>
          next.request(asked, call.with(nextUrl, url)),
        )
      }
      const service = await registeredService(registries, networkService, payload, call)
      const found = await matching(registries, service, labels, call)
      return next.request(
        withConnection(request, { payload: service.payload }),
        call.with(candidates, found),
      )
    },
  }))
}

async function namedEndpoint(
  registries: Registries,
  name: string,
  call: Call,
): Promise<NetworkServiceEndpoint> {
  const found = await registeredEndpoints(registries, { name }, call)
  const endpoint = found.find((candidate) => candidate.name === name)
  if (endpoint) return endpoint
  throw new NsmError("ENDPOINT_NOT_FOUND", `endpoint ${name} is not registered, or no longer`)
}

async function matching(
  registries: Registries,
  service: Service,
  labels: Labels,
  call: Call,
): Promise<Ruled> {
  const query = { networkServiceNames: [service.name] }
  const endpoints = await registeredEndpoints(registries, query, call)
  const ruled = applyRules({ service, endpoints, labels })
  if (ruled.allowed.length > 0) return ruled
  const said = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ")
  throw new NsmError(
    "ENDPOINT_NOT_FOUND",
    endpoints.length === 0
      ? `no endpoint provides network service ${service.name}`
      : `none of the ${endpoints.length} endpoints of network service ${service.name} matches a client with ${said ? `labels ${said}` : "no labels"}`,
  )
}
