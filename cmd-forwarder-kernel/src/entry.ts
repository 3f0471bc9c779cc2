import { create } from "@bufbuild/protobuf"
import { type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import type { Values } from "@nsm/sdk/daemon"
import type { settings } from "./config.ts"

/** The forwarder as its manager gets it: an endpoint of the service under which it looks for one. */
export function forwarderEntry(
  { name, networkService, labels }: Values<typeof settings>,
  url: string,
): NetworkServiceEndpoint {
  return create(NetworkServiceEndpointSchema, {
    name,
    url,
    networkServiceNames: [networkService],
    networkServiceLabels: { [networkService]: { labels: { ...labels } } },
  })
}
