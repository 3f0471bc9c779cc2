import type { Connection } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { connectionOf } from "../../networkservice/connection.ts"
import type { NetworkService } from "../../networkservice/service.ts"

/** Knows which connections a hop holds. */
export interface Held extends Element<NetworkService> {
  readonly connections: ReadonlyMap<string, Connection>
}

/**
 * Keeps the connections of a hop, by their ids there, for a test to look at.
 *
 * Placement: after `begin`.
 */
export function held(): Held {
  const connections = new Map<string, Connection>()
  const own = element<NetworkService>("held", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      connections.set(connectionOf(request).id, granted)
      return granted
    },
    async close(connection, call) {
      connections.delete(connection.id)
      await next.close(connection, call)
    },
  }))
  return { ...own, connections }
}
