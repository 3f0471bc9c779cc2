import type { Connection } from "@nsm/api"
import type { Clock } from "../../../core/clock.ts"

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
