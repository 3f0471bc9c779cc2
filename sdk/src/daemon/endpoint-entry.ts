import { create } from "@bufbuild/protobuf"
import { Label, type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import type { endpointSettings } from "./config/endpoint-settings.ts"
import type { Values } from "./config/setting.ts"

/** What an endpoint is registered from. */
export type EndpointEntryConfig = { readonly name: string } & Pick<
  Values<ReturnType<typeof endpointSettings>>,
  "serviceNames" | "labels" | "nodeName" | "podName" | "clusterName"
>

/** An endpoint as the registry gets it: the same labels for each of its services. */
export function endpointEntry(
  { name, serviceNames, labels, nodeName, podName, clusterName }: EndpointEntryConfig,
  url: string,
): NetworkServiceEndpoint {
  const place = Object.entries({
    [Label.nodeName]: nodeName,
    [Label.podName]: podName,
    [Label.clusterName]: clusterName,
  }).filter(([, value]) => value !== "")
  const all = { ...Object.fromEntries(place), ...labels }
  return create(NetworkServiceEndpointSchema, {
    name,
    url,
    networkServiceNames: [...serviceNames],
    networkServiceLabels: Object.fromEntries(serviceNames.map((of) => [of, { labels: all }])),
  })
}
