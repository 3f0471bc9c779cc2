import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { type Clock, type Log, NsmError, registryClient, type Transport, withCall } from "@nsm/sdk"

/** How a forwarder makes itself known. */
export interface RegistrationOptions {
  readonly name: string
  /** Where it listens. */
  readonly url: string
  readonly networkService: string
  readonly labels: Readonly<Record<string, string>>
  /** URL of the manager. */
  readonly connectTo: string
  readonly transport: Transport
  readonly clock: Clock
  readonly log: Log
  /** Gives up waiting for the manager, and ends renewals. */
  readonly signal: AbortSignal
}

/**
 * Registers a forwarder at its manager and keeps it registered; waits for the manager to be there.
 * Disposing takes the registration back.
 */
export async function registered({
  name,
  url,
  networkService,
  labels,
  connectTo,
  transport,
  clock,
  log,
  signal,
}: RegistrationOptions): Promise<AsyncDisposable> {
  const { endpoints } = registryClient({ transport, url: connectTo, signal })
  const endpoint = create(NetworkServiceEndpointSchema, {
    name,
    url,
    networkServiceNames: [networkService],
    networkServiceLabels: { [networkService]: { labels: { ...labels } } },
  })
  const granted = await withCall({ clock, log, signal }, (call) =>
    endpoints.register(endpoint, call),
  )
  return {
    async [Symbol.asyncDispose]() {
      try {
        await withCall({ clock, log, timeoutMs: 1000 }, (call) =>
          endpoints.unregister(granted, call),
        )
      } catch (failure) {
        // the whole node may be ending, and what is not taken back expires
        log.info("not unregistered", { reason: NsmError.from(failure).message })
      }
    },
  }
}
