import type { Transport } from "../../transport/transport.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type Registries,
} from "../service.ts"

/** Where the registries are. */
export interface ConnectRegistriesOptions {
  transport: Transport
  url: string
}

/**
 * The registries behind a URL.
 *
 * Placement: the end of the chain of a client, or of a manager.
 */
export function connectRegistries({ transport, url }: ConnectRegistriesOptions): Registries {
  return {
    services: transport.client(url, networkServiceRegistryWire),
    endpoints: transport.client(url, networkServiceEndpointRegistryWire),
  }
}
