import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type ConnectionSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
} from "@nsm/api"

/** A request as a client begins, for tests; `connection` says what is different. */
export function requestOf(
  connection: MessageInitShape<typeof ConnectionSchema> = {},
): NetworkServiceRequest {
  return create(NetworkServiceRequestSchema, {
    connection: { id: "client-1", networkService: "service-1", ...connection },
  })
}

/** A request and a connection as the second of two hops has them. */
export function requestAtHop(name: string, id = `${name}-1`): NetworkServiceRequest {
  return requestOf({
    id,
    path: {
      index: 1,
      pathSegments: [
        { name: "client", id: "client-1" },
        { name, id },
      ],
    },
  })
}
