import type { Connection } from "@nsm/api"
import type { Clock } from "../../../core/clock.ts"
import type { Log } from "../../../core/log.ts"

/** What a look at a wire may use. */
export interface LivenessLimits {
  readonly clock: Clock
  /** Gives the look up. */
  readonly signal: AbortSignal
  /** Whether the connection is known to be lost, so that a wire which does not answer soon is dead. */
  readonly isSuspect: boolean
}

/** Whether packets pass through a connection's wire, as seen from the client. Ends by itself, soon. */
export type Liveness = (connection: Connection, limits: LivenessLimits) => Promise<boolean>

/**
 * Whether the wire of a connection that was lost still lives. Without anybody who can tell it does not;
 * a look that fails says nothing about the wire, and what is selected stays selected.
 */
export async function stillLives(
  connection: Connection,
  {
    liveness,
    clock,
    log,
    signal,
  }: {
    readonly liveness: Liveness | undefined
    readonly clock: Clock
    readonly log: Log
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  if (!liveness) return false
  try {
    return await liveness(connection, { clock, signal, isSuspect: true })
  } catch (failure) {
    signal.throwIfAborted()
    log.debug("a wire cannot be looked at", { connectionId: connection.id, error: failure })
    return true
  }
}
