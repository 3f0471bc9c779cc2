import { bounds } from "../bounds.ts"
import { clientIdOf } from "../kernel/alias.ts"
import type { Invariant } from "./invariant.ts"

/** Of a connection that is not wanted any more nothing is left: soon after a close, or with its tokens. */
export function nothingRemains(): Invariant {
  return {
    name: "after the last close nothing remains",
    *look({ world, mesh, phase }) {
      const { books, kernel, now, tokenLifetimeMs } = world
      const limit = phase.hadFaults ? tokenLifetimeMs + bounds.removalMs : bounds.closeMs
      const ended = new Map(mesh.wires.map((wire) => [wire.id, wire.endedAt]))
      const isLate = (id: string): boolean => {
        const since = ended.get(id)
        if (since === undefined) return false
        // What was restarted late in a storm has to have its time as well.
        return now > Math.max(since, phase.calmSince ?? now) + limit
      }
      for (const { clientId: connection, hop } of books.all()) {
        if (isLate(connection)) yield { connection, hop, text: "is still held" }
      }
      for (const { alias, name, owner, namespace } of kernel.interfaces) {
        const connection = clientIdOf(alias)
        if (!isLate(connection)) continue
        yield { connection, hop: owner, text: `${name} is still in ${namespace.url}` }
      }
    },
  }
}
