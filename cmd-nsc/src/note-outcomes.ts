import { element, type Element, type NetworkService } from "@nsm/sdk"
import type { Wire } from "./wire.ts"

/**
 * Notes what comes of each request and refresh at its wire.
 *
 * Placement: in a client, after `refresh`.
 */
export function noteOutcomes(wires: readonly Wire[]): Element<NetworkService> {
  const byId = new Map(wires.map((wire) => [wire.id, wire]))
  return element("note-outcomes", (next) => ({
    async request(request, call) {
      const wire = byId.get(request.connection?.id ?? "")
      try {
        const granted = await next.request(request, call)
        wire?.granted(granted)
        return granted
      } catch (failure) {
        wire?.failed(failure)
        throw failure
      }
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        byId.get(connection.id)?.closed()
      }
    },
  }))
}
