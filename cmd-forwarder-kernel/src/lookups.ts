import {
  bind,
  chain,
  connectRegistries,
  type ConnectRegistriesOptions,
  endpointKind,
  type NetworkServiceEndpointRegistry,
  type Registries,
  serviceKind,
  watchCache,
} from "@nsm/sdk"
import { sendEndpointFiles } from "@nsm/sdk-kernel"

/** The manager's registries for looking up who serves a request: kept at hand, so most cost no call. */
export function lookups({
  signal,
  ...manager
}: ConnectRegistriesOptions & { readonly signal: AbortSignal }): Registries {
  const { services, endpoints } = connectRegistries(manager)
  return {
    services: bind(watchCache(serviceKind, { signal }), services),
    endpoints: bind(
      chain<NetworkServiceEndpointRegistry>(
        "endpoint-lookups",
        watchCache(endpointKind, { signal }),
        sendEndpointFiles({ url: manager.url, signal }),
      ),
      endpoints,
    ),
  }
}
