import { bounds } from "../bounds.ts"
import { clientIdOf } from "../kernel/alias.ts"
import type { Invariant } from "./invariant.ts"

/** No wire without a chain of tokens that holds; and none for long after that has ended. */
export function authorizedWires(): Invariant {
  return {
    name: "no wire without an authorized, unexpired chain",
    *look({ world, mesh }) {
      const { books, kernel, clock, now, tokenLifetimeMs } = world
      for (const { hop, clientId, fault } of books.unauthorized) {
        yield { connection: clientId, hop, text: fault }
      }
      const forwarders = new Map(mesh.forwarders.map((part) => [part.name, part]))
      for (const { alias, owner, namespace, name } of kernel.interfaces) {
        const connection = clientIdOf(alias)
        const until = books.authorizedUntil(owner, connection)
        const place = { connection, hop: owner }
        if (until === undefined) {
          yield { ...place, text: `${name} in ${namespace.url} was never authorized` }
          continue
        }
        const forwarder = forwarders.get(owner)
        if (!forwarder?.isUp) continue
        // What an earlier run left, this one removes after as long as tokens last.
        const takesOver = forwarder.startedAt + tokenLifetimeMs - now
        const late = clock.now() - until - bounds.removalMs
        if (late <= 0 || takesOver + bounds.removalMs > 0) continue
        const text = `${name} in ${namespace.url} stands ${late + bounds.removalMs} ms after its chain ended`
        yield { ...place, text }
      }
    },
  }
}
