import {
  bind,
  connectRegistries,
  type ConnectRegistriesOptions,
  endpointKind,
  type Registries,
  serviceKind,
  watchCache,
} from "@nsm/sdk"

/** The manager's registries for looking up who serves a request: kept at hand, so most cost no call. */
export function lookups({
  signal,
  ...manager
}: ConnectRegistriesOptions & { readonly signal: AbortSignal }): Registries {
  const { services, endpoints } = connectRegistries(manager)
  return {
    services: bind(watchCache(serviceKind, { signal }), services),
    endpoints: bind(watchCache(endpointKind, { signal }), endpoints),
  }
}
