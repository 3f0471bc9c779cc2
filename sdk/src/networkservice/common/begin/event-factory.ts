import type { Connection } from "@nsm/api"
import type { Call } from "../../../core/call.ts"
import { NsmError } from "../../../core/errors.ts"
import { createKey } from "../../../core/key.ts"

/** How a request is repeated. */
export interface RepeatOptions {
  /** Whether to close first and let go of the endpoint. @default false */
  readonly reselect?: boolean
  /** How long it may take. @default as long as the first request had */
  readonly timeoutMs?: number | undefined
  /**
   * Asked when its turn has come; if not, the connection is answered as it is.
   * @default it is
   */
  readonly isStillDue?: () => boolean
}

/**
 * Starts events for one connection from inside the chain. Each runs the chain from `begin` on, after
 * whatever runs or waits for the connection: so never await one within a call.
 */
export interface EventFactory {
  /** Repeats the last successful request. */
  request(options?: RepeatOptions): Promise<Connection>
  /** Closes the connection, unless `isStillDue` says by then that it need not. */
  close(isStillDue?: () => boolean): Promise<void>
}

/** The event factory of the connection that a call is about. Set by `begin`. */
export const eventFactory = createKey<EventFactory | undefined>("event-factory", undefined)

/** The same, for elements that cannot do without. */
export function eventsOf(call: Call): EventFactory {
  const events = call.get(eventFactory)
  if (events) return events
  throw new NsmError("INTERNAL", "no begin element before this one")
}
