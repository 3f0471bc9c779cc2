import { create } from "@bufbuild/protobuf"
import { type Connection, type NetworkServiceRequest, NetworkServiceRequestSchema } from "@nsm/api"
import { kernelMechanism } from "../conformance/scene.ts"

/** The request of a client that begins. */
export function firstRequest(id: string): NetworkServiceRequest {
  return create(NetworkServiceRequestSchema, {
    connection: {
      ...{ id, networkService: "icmp-responder", context: { ipContext: {} } },
      path: { index: 0, pathSegments: [{ name: "client", id }] },
    },
    mechanismPreferences: [kernelMechanism],
  })
}

/** The request of a client that keeps what it was granted. */
export function repeatedRequest(connection: Connection): NetworkServiceRequest {
  const mechanismPreferences = [kernelMechanism]
  return create(NetworkServiceRequestSchema, { connection, mechanismPreferences })
}

/** What stays the same when a request is repeated. */
export function identityOf({ id, path }: Connection) {
  return { id, segments: path?.pathSegments.map(({ name, id }) => `${name}/${id}`) }
}
