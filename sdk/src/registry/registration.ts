import type { NetworkService, NetworkServiceEndpoint } from "@nsm/api"
import type { Clock } from "../core/clock.ts"
import { withCall } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import type { Log } from "../core/log.ts"
import type { Registries } from "./service.ts"

/** What is registered, and where. */
export interface RegistrationOptions {
  /** Registries that persist and renew; `registryClient` gives such. */
  readonly registries: Registries
  readonly endpoint: NetworkServiceEndpoint
  /** Network services to register before the endpoint. @default none */
  readonly services?: readonly NetworkService[]
  /** Whether disposing takes the endpoint's registration back. @default true */
  readonly unregisters?: boolean
  readonly clock: Clock
  readonly log: Log
  /** Gives up waiting for the registry. */
  readonly signal: AbortSignal
}

/** How long taking a registration back may take; what is not taken back expires. */
const unregisterMs = 1000

/**
 * Registers an endpoint, waiting for the registry to be there. Disposing takes the registration
 * back.
 */
export async function registered({
  registries,
  endpoint,
  services = [],
  unregisters = true,
  clock,
  log,
  signal,
}: RegistrationOptions): Promise<AsyncDisposable> {
  const granted = await withCall({ clock, log, signal }, async (call) => {
    for (const service of services) await registries.services.register(service, call)
    return await registries.endpoints.register(endpoint, call)
  })
  return {
    async [Symbol.asyncDispose]() {
      if (!unregisters) return
      try {
        await withCall({ clock, log, timeoutMs: unregisterMs }, (call) =>
          registries.endpoints.unregister(granted, call),
        )
      } catch (failure) {
        // The whole node may be ending.
        log.info("not unregistered", { reason: NsmError.from(failure).message })
      }
    },
  }
}
