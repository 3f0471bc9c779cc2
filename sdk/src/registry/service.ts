import type {
  NetworkService,
  NetworkServiceEndpoint,
  NetworkServiceEndpointQuery,
  NetworkServiceEndpointResponse,
  NetworkServiceQuery,
  NetworkServiceResponse,
} from "@nsm/api"
import { NetworkServiceEndpointRegistryService, NetworkServiceRegistryService } from "@nsm/api"
import type { Call } from "../core/call.ts"
import type { Wire } from "../transport/transport.ts"

/** What both registries have in common: entries, queries for them, and answers to queries. */
export interface Registry<Entry, Query, Response> {
  /** Puts an entry in or renews it; answers it as stored. */
  register(entry: Entry, call: Call): Promise<Entry>
  /** All entries that match; with `watch` then every change until the call ends. */
  find(query: Query, call: Call): AsyncIterable<Response>
  /** Takes an entry out. Harmless when it is not known. */
  unregister(entry: Entry, call: Call): Promise<void>
}

/** Which network services there are, with their payloads and match rules. */
export type NetworkServiceRegistry = Registry<
  NetworkService,
  NetworkServiceQuery,
  NetworkServiceResponse
>

/** Which endpoints provide them, and where. */
export type NetworkServiceEndpointRegistry = Registry<
  NetworkServiceEndpoint,
  NetworkServiceEndpointQuery,
  NetworkServiceEndpointResponse
>

/** How NetworkServiceRegistry goes over gRPC. */
export const networkServiceRegistryWire: Wire<NetworkServiceRegistry> =
  NetworkServiceRegistryService.method

/** How NetworkServiceEndpointRegistry goes over gRPC. */
export const networkServiceEndpointRegistryWire: Wire<NetworkServiceEndpointRegistry> =
  NetworkServiceEndpointRegistryService.method

/** The two registries that belong together. */
export interface Registries {
  readonly services: NetworkServiceRegistry
  readonly endpoints: NetworkServiceEndpointRegistry
}
