import { type JsonValue, toJson } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import {
  type Clock,
  type EndpointSelection,
  findService,
  type Log,
  registeredEndpoints,
  type Registries,
  type SelectionState,
  withCall,
} from "@nsm/sdk"
import type { Route } from "@nsm/sdk/daemon"

/** What the route answers from. */
export interface SelectionRouteOptions {
  readonly selection: EndpointSelection
  /** Where the forwarder looks up services and endpoints. */
  readonly registries: Registries
  readonly clock: Clock
  readonly log: Log
}

/** How long the registries may take. */
const timeoutMs = 4000

/**
 * `GET /selection`: what the forwarder knows of endpoints. With `?service=` also the service with its
 * match rules, null where there is none, and its endpoints, both as the forwarder sees them: all that
 * it goes by.
 */
export function selectionRoute(options: SelectionRouteOptions): Route {
  const { selection } = options
  return {
    method: "GET",
    path: "/selection",
    async answer({ query }) {
      const name = query.get("service")
      const seen = name === null ? {} : await look(name, options)
      const answer: SelectionState = { ...selection.state, ...seen }
      return { type: "application/json", body: `${JSON.stringify(answer, undefined, 2)}\n` }
    },
  }
}

async function look(
  name: string,
  { registries, clock, log }: SelectionRouteOptions,
): Promise<{ readonly service: JsonValue; readonly seen: readonly JsonValue[] }> {
  return await withCall({ clock, log, timeoutMs }, async (call) => {
    const service = await findService(registries, name, "", call)
    const query = { networkServiceNames: [name] }
    const endpoints = service ? await registeredEndpoints(registries, query, call) : []
    return {
      service: service ? toJson(NetworkServiceSchema, service) : null,
      seen: endpoints.map((endpoint) => toJson(NetworkServiceEndpointSchema, endpoint)),
    }
  })
}
