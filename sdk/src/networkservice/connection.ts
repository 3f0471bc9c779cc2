import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionContextSchema,
  ConnectionSchema,
  type IPContext,
  IPContextSchema,
  type NetworkServiceRequest,
} from "@nsm/api"

/** The connection that a request is about, an empty one if it has none. */
export function connectionOf(request: NetworkServiceRequest): Connection {
  return request.connection ?? create(ConnectionSchema)
}

/** The same request with some fields of its connection changed. */
export function withConnection(
  request: NetworkServiceRequest,
  changes: Partial<Connection>,
): NetworkServiceRequest {
  return { ...request, connection: { ...connectionOf(request), ...changes } }
}

/** Addresses and routes of a connection, empty ones if it has none. */
export function ipContextOf({ context }: Connection): IPContext {
  return context?.ipContext ?? create(IPContextSchema)
}

/** The same connection with some of its addresses and routes changed. */
export function withIpContext(connection: Connection, changes: Partial<IPContext>): Connection {
  const context = connection.context ?? create(ConnectionContextSchema)
  const ipContext = { ...ipContextOf(connection), ...changes }
  return { ...connection, context: { ...context, ipContext } }
}
