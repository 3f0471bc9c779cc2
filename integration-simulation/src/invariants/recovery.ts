import { bounds } from "../bounds.ts"
import { passes } from "../kernel/passes.ts"
import type { Invariant } from "./invariant.ts"

/** Sees how long it takes. */
export interface Recovery extends Invariant {
  /** How long after the last fault a wire that is wanted was seen without packets passing it. */
  readonly slowestMs: number
}

/** When there are no faults, packets pass through every wire that is wanted, after a while. */
export function recovery(): Recovery {
  let slowestMs = 0
  return {
    get slowestMs() {
      return slowestMs
    },
    name: "every connection comes back",
    *look({ world: { kernel, now }, mesh, phase }) {
      for (const wire of mesh.wanted) {
        const { id, client, connection, namespaceUrl } = wire
        const home = kernel.find(namespaceUrl)
        const isWell = connection && home && passes(kernel, home, connection)
        if (isWell) wire.passesSince ??= now
        else wire.passesSince = undefined
        if (!isWell && connection) wire.wasDead = true
        if (isWell || phase.calmSince === undefined) continue
        if (phase.hadFaults && phase.calmSince > 0)
          slowestMs = Math.max(slowestMs, now - phase.calmSince)
        if (now - phase.calmSince <= bounds.recoveryMs) continue
        const what = connection ? "no packets pass" : "was never granted"
        yield {
          connection: id,
          hop: client,
          text: `${what} ${now - phase.calmSince} ms after the last fault`,
        }
      }
    },
  }
}
