import { create } from "@bufbuild/protobuf"
import { type Connection, MonitorScopeSelectorSchema } from "@nsm/api"
import {
  type Clock,
  type Log,
  type NetworkService,
  NsmError,
  type StatusCode,
  withCall,
} from "@nsm/sdk"

/** Where to look for what an earlier run of this client has left. */
export interface EarlierConnectionOptions {
  /** The manager. */
  readonly manager: Pick<NetworkService, "monitorConnections">
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** How long the manager may take to tell. */
const timeoutMs = 1000

/** A manager that does not tell has nothing to go on with. */
const turnedDown: readonly StatusCode[] = ["UNIMPLEMENTED", "PERMISSION_DENIED"]

/**
 * The connection that the manager still holds for a client that has started anew: asked for again
 * with its path and addresses, it is taken over rather than standing in the way of a second one. Fails
 * when the manager does not answer: who asks without knowing gets another endpoint and addresses.
 */
export async function earlierConnection(
  id: string,
  { manager, clock, log, signal }: EarlierConnectionOptions,
): Promise<Connection | undefined> {
  const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ id }] })
  try {
    return await withCall({ clock, log, signal, timeoutMs }, async (call) => {
      for await (const { connections } of manager.monitorConnections(selector, call)) {
        // The first event holds all that there are.
        return Object.values(connections).find(
          ({ path }) => path?.index === 1 && path.pathSegments[0]?.id === id,
        )
      }
      return undefined
    })
  } catch (failure) {
    const error = NsmError.from(failure)
    if (!turnedDown.includes(error.code)) throw error
    log.debug("the manager does not tell of earlier connections", { id, error })
    return undefined
  }
}
