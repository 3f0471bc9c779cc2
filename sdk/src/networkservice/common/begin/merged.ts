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
  readonly request: NetworkServiceRequest
  /** What the caller knows of the connection: as it asked for it last, and as it was answered. */
  readonly known: readonly Connection[]
  /** What has become of the connection since. */
  readonly current: Connection
}

/**
 * The request that a caller means who repeats one: the connection as it is now, with the endpoint
 * and the context that the caller has changed. Its other changes do not count.
 */
export function merged({ request, known, current }: Merge): NetworkServiceRequest {
  const wanted = connectionOf(request)
  const isNameKnown = known.some(
    ({ networkServiceEndpointName: name }) => name === wanted.networkServiceEndpointName,
  )
  const { networkServiceEndpointName } = isNameKnown ? current : wanted
  const isContextKnown = known.some(({ context }) => isSame(context, wanted.context))
  const context = isContextKnown ? {} : { context: mergedContext(wanted.context, current.context) }
  return { ...request, connection: { ...current, ...context, networkServiceEndpointName } }
}

/**
 * The same request, free to go to another endpoint over another mechanism. Addresses stay, as a wish;
 * the MTU becomes what the caller asked for, because what was granted was that of the way that is left.
 */
export function unbound(
  request: NetworkServiceRequest,
  asked: Connection | undefined,
): NetworkServiceRequest {
  const { mechanism: _, context, ...connection } = connectionOf(request)
  return {
    ...request,
    connection: {
      ...connection,
      ...(context && { context: { ...context, MTU: asked?.context?.MTU ?? 0 } }),
      networkServiceEndpointName: "",
      state: State.RESELECT_REQUESTED,
    },
  }
}

function isSame(a = create(ConnectionContextSchema), b = create(ConnectionContextSchema)): boolean {
  return equals(ConnectionContextSchema, a, b)
}

function mergedContext(
  wanted = create(ConnectionContextSchema),
  current = create(ConnectionContextSchema),
): ConnectionContext {
  return { ...wanted, extraContext: { ...current.extraContext, ...wanted.extraContext } }
}
