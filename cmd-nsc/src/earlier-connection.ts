import { create } from "@bufbuild/protobuf"
import { type Connection, MonitorScopeSelectorSchema } from "@nsm/api"
import { type Clock, type Log, type NetworkService, NsmError, withCall } from "@nsm/sdk"

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

/**
 * The connection that the manager still holds for a client that has started anew: asked for again
 * with its path and addresses, it is taken over rather than standing in the way of a second one.
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
    log.debug("an earlier connection could not be looked for", {
      id,
      error: NsmError.from(failure),
    })
    return undefined
  }
}
