import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { NetworkServiceEndpoint } from "@nsm/api"
import { Gauge, type Registry as Metrics } from "prom-client"
import { bind, element, type Element } from "../core/chain.ts"
import type { Clock } from "../core/clock.ts"
import type { NetworkServiceEndpointRegistry, Registries, Registry } from "../registry/service.ts"
import { ExpiringMap } from "../tools/expiring-map.ts"

/** What counting needs. */
export interface RegistryMetricsOptions {
  readonly metrics: Metrics
  readonly clock: Clock
}

/** The same registries, counting the endpoints that are registered here, and who watches. */
export function metered(
  { services, endpoints }: Registries,
  { metrics, clock }: RegistryMetricsOptions,
): Registries {
  const watchers = new Gauge({
    name: "nsm_registry_watchers",
    help: "Watches of services and endpoints that are open here",
    registers: [metrics],
  })
  const watched: NetworkServiceEndpointRegistry = bind(countWatchers(watchers), endpoints)
  return {
    services: bind(countWatchers(watchers), services),
    endpoints: bind(countEndpoints({ metrics, clock }), watched),
  }
}

function countWatchers<Entry, Query extends { readonly watch: boolean }, Response>(
  watchers: Gauge,
): Element<Registry<Entry, Query, Response>> {
  async function* counted(answers: AsyncIterable<Response>): AsyncIterable<Response> {
    watchers.inc()
    try {
      yield* answers
    } finally {
      watchers.dec()
    }
  }
  return element("count-watchers", (next) => ({
    find(query, call) {
      const answers = next.find(query, call)
      return query.watch ? counted(answers) : answers
    },
  }))
}

/** From outside of the chain, so an endpoint that expires goes by its time. */
function countEndpoints({
  metrics,
  clock,
}: RegistryMetricsOptions): Element<NetworkServiceEndpointRegistry> {
  const served = new ExpiringMap<readonly string[]>(clock)
  const endpoints = new Gauge({
    name: "nsm_endpoints",
    help: "Endpoints that are registered here, by network service",
    labelNames: ["service"],
    registers: [metrics],
    collect() {
      endpoints.reset()
      for (const services of served.values()) {
        for (const service of services) endpoints.inc({ service })
      }
    },
  })
  return element("count-endpoints", (next) => ({
    async register(endpoint, call) {
      const granted = await next.register(endpoint, call)
      served.set(granted.name, granted.networkServiceNames, endOf(granted))
      return granted
    },
    async unregister(endpoint, call) {
      await next.unregister(endpoint, call)
      served.delete(endpoint.name)
    },
  }))
}

function endOf({ expirationTime }: NetworkServiceEndpoint): number {
  return expirationTime ? timestampMs(expirationTime) : Infinity
}
