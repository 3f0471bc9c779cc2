import { create, equals } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionContext,
  ConnectionContextSchema,
  type NetworkServiceRequest,
  State,
} from "@nsm/api"
import { connectionOf } from "../../connection.ts"

/** What a repeated request is made of. */
interface Merge {
  readonly asked: NetworkServiceRequest
  /** What the caller knows of the connection. */
  readonly answered: Connection
  /** What has become of it since. */
  readonly current: Connection
}

/**
 * The request that a caller means who repeats one: the connection as it is now, with the endpoint
 * and the context that the caller has changed. Its other changes do not count.
 */
export function merged({ asked, answered, current }: Merge): NetworkServiceRequest {
  const wanted = connectionOf(asked)
  const { networkServiceEndpointName } =
    wanted.networkServiceEndpointName === answered.networkServiceEndpointName ? current : wanted
  const context = mergedContext(wanted.context, answered.context, current.context)
  return { ...asked, connection: { ...current, ...context, networkServiceEndpointName } }
}

/** The same request, free to go to another endpoint over another mechanism. */
export function unbound(request: NetworkServiceRequest): NetworkServiceRequest {
  const { mechanism: _, ...connection } = connectionOf(request)
  return {
    ...request,
    connection: { ...connection, networkServiceEndpointName: "", state: State.RESELECT_REQUESTED },
  }
}

function mergedContext(
  wanted = create(ConnectionContextSchema),
  answered = create(ConnectionContextSchema),
  current = create(ConnectionContextSchema),
): { context: ConnectionContext } {
  if (equals(ConnectionContextSchema, wanted, answered)) return { context: current }
  const extraContext = { ...current.extraContext, ...wanted.extraContext }
  return { context: { ...wanted, extraContext } }
}
