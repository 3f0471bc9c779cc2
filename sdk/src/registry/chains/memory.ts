import { bind, chain, type Element } from "../../core/chain.ts"
import { authorize, type AuthorizeOptions } from "../common/authorize.ts"
import { begin } from "../common/begin.ts"
import { expire, type ExpireOptions } from "../common/expire.ts"
import { setPayload } from "../common/set-payload.ts"
import { setRegistrationTime } from "../common/set-registration-time.ts"
import { memoryRegistry } from "../common/store.ts"
import { updateRegistryPath } from "../common/update-registry-path.ts"
import { endpointKind, serviceKind } from "../kind.ts"
import type {
  NetworkServiceEndpointRegistry,
  NetworkServiceRegistry,
  Registries,
} from "../service.ts"

/** How the registries in memory behave. */
export interface MemoryRegistriesOptions extends ExpireOptions {
  /** What those who register have to obey. @default nothing */
  policies?: AuthorizeOptions | undefined
}

/** What calls to both registries meet, for those who show it. */
export interface RegistryChains {
  readonly services: Element<NetworkServiceRegistry>
  readonly endpoints: Element<NetworkServiceEndpointRegistry>
}

/** Registries in memory, with numbers about themselves. */
export interface MemoryRegistries extends Registries {
  readonly chains: RegistryChains
  entryCounts(): { services: number; endpoints: number }
  watcherCounts(): { services: number; endpoints: number }
}

/** The registries of a whole domain, in the memory of one process. */
export function memoryRegistries(options: MemoryRegistriesOptions): MemoryRegistries {
  const { tokens, policies } = options
  const events = options.signal ? { signal: options.signal } : {}
  const services = memoryRegistry(serviceKind)
  const endpoints = memoryRegistry(endpointKind)
  const chains: RegistryChains = {
    services: chain<NetworkServiceRegistry>(
      "network-service-registry",
      updateRegistryPath(serviceKind, { tokens }),
      ...(policies ? [authorize(serviceKind, policies)] : []),
      begin(events),
      setPayload(),
    ),
    endpoints: chain<NetworkServiceEndpointRegistry>(
      "network-service-endpoint-registry",
      updateRegistryPath(endpointKind, { tokens }),
      ...(policies ? [authorize(endpointKind, policies)] : []),
      begin(events),
      setRegistrationTime(),
      expire(options),
    ),
  }
  return {
    chains,
    services: bind(chains.services, services),
    endpoints: bind(chains.endpoints, endpoints),
    entryCounts: () => ({ services: services.entryCount(), endpoints: endpoints.entryCount() }),
    watcherCounts: () => ({
      services: services.watcherCount(),
      endpoints: endpoints.watcherCount(),
    }),
  }
}
