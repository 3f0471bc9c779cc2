import type { Connection } from "@nsm/api"
import { createKey } from "../../../core/key.ts"

/** Starts events for one connection from inside the chain; each runs the chain from `begin` on. */
export interface EventFactory {
  /** Repeats the last successful request; with `reselect` closes first and lets go of the endpoint. */
  request(options?: { reselect?: boolean }): Promise<Connection>
  /** Closes the connection. */
  close(): Promise<void>
}

/** The event factory of the connection that a call is about. Set by `begin`. */
export const eventFactory = createKey<EventFactory | undefined>("event-factory", undefined)
