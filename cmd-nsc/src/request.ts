import { create } from "@bufbuild/protobuf"
import { type Connection, NetworkServiceRequestSchema, type NetworkServiceRequest } from "@nsm/api"
import type { Wire } from "./wire.ts"

/** The first request for a wire; goes on with an earlier connection to the same service. */
export function requestFor(
  { id, wanted }: Wire,
  earlier: Connection | undefined,
): NetworkServiceRequest {
  const { networkService, labels, mechanism } = wanted
  const known = earlier?.networkService === networkService ? earlier : undefined
  return create(NetworkServiceRequestSchema, {
    connection: {
      id,
      networkService,
      labels: { ...labels },
      ...(known && {
        context: known.context,
        path: { index: 0, pathSegments: known.path?.pathSegments ?? [] },
        networkServiceEndpointName: known.networkServiceEndpointName,
        payload: known.payload,
      }),
    },
    // Offered anew: the namespace may be another one than before.
    mechanismPreferences: [mechanism],
  })
}
