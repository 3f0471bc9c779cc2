import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import type { Question } from "./rules.ts"
import type { Labels } from "./selector.ts"

/** Match rules as specs write them. */
export type Matches = NonNullable<MessageInitShape<typeof NetworkServiceSchema>["matches"]>

/** An endpoint of the network service `web`, at a URL of its own. */
export function endpoint(
  name: string,
  labels: Record<string, string> = {},
): NetworkServiceEndpoint {
  return create(NetworkServiceEndpointSchema, {
    name,
    url: `tcp://${name}`,
    networkServiceNames: ["web"],
    networkServiceLabels: { web: { labels } },
  })
}

/** What a client asks that wants the network service `web`. */
export function question(
  endpoints: readonly NetworkServiceEndpoint[],
  { matches = [], labels = {} }: { matches?: Matches; labels?: Labels } = {},
): Question {
  return { service: create(NetworkServiceSchema, { name: "web", matches }), endpoints, labels }
}

/** A route to the endpoints that have these labels. */
export function to(destinationSelector: Record<string, string>, weight = 0) {
  return { destinationSelector, weight }
}

/** A rule that leads to endpoints by name, each with a weight; they bear their name as a label. */
export function weighing(weights: Readonly<Record<string, number>>): Matches {
  return [{ routes: Object.entries(weights).map(([name, weight]) => to({ name }, weight)) }]
}
