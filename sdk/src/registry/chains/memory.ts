import { bind, chain } from "../../core/chain.ts"
import { begin } from "../common/begin.ts"
import { expire, type ExpireOptions } from "../common/expire.ts"
import { setPayload } from "../common/set-payload.ts"
import { setRegistrationTime } from "../common/set-registration-time.ts"
import { memoryRegistry } from "../common/store.ts"
import { endpointKind, serviceKind } from "../kind.ts"
import type {
  NetworkServiceEndpointRegistry,
  NetworkServiceRegistry,
  Registries,
} from "../service.ts"

/** How the registries in memory behave. */
export type MemoryRegistriesOptions = ExpireOptions

/** Registries in memory, with numbers about themselves. */
export interface MemoryRegistries extends Registries {
  entryCounts(): { services: number; endpoints: number }
  watcherCounts(): { services: number; endpoints: number }
}

/** The registries of a whole domain, in the memory of one process. */
export function memoryRegistries(options: MemoryRegistriesOptions): MemoryRegistries {
  const events = options.signal ? { signal: options.signal } : {}
  const services = memoryRegistry(serviceKind)
  const endpoints = memoryRegistry(endpointKind)
  return {
    services: bind(
      chain<NetworkServiceRegistry>("network-service-registry", begin(events), setPayload()),
      services,
    ),
    endpoints: bind(
      chain<NetworkServiceEndpointRegistry>(
        "network-service-endpoint-registry",
        begin(events),
        setRegistrationTime(),
        expire(options),
      ),
      endpoints,
    ),
    entryCounts: () => ({ services: services.entryCount(), endpoints: endpoints.entryCount() }),
    watcherCounts: () => ({ services: services.watcherCount(), endpoints: endpoints.watcherCount() }),
  }
}
