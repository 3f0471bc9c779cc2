import { create } from "@bufbuild/protobuf"
import {
  Label,
  type NetworkService,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import type { Values } from "@nsm/sdk/daemon"
import type { settings } from "./config.ts"

/** The endpoint as the registry gets it: the same labels for each of its services. */
export function endpointEntry(
  { name, serviceNames, labels, nodeName, podName, clusterName }: Values<typeof settings>,
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

/** The services as the registry gets them: without match rules, so that every client matches. */
export function serviceEntries({
  serviceNames,
  payload,
}: Values<typeof settings>): readonly NetworkService[] {
  return serviceNames.map((name) => create(NetworkServiceSchema, { name, payload }))
}
