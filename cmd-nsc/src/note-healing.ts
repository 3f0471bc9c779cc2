import type { HealObserver } from "@nsm/sdk"
import type { Wire } from "./wire.ts"

/** Notes at each wire that it is lost, and when it is back. */
export function noteHealing(wires: readonly Wire[]): HealObserver {
  const byId = new Map(wires.map((wire) => [wire.id, wire]))
  return {
    began: (id) => byId.get(id)?.lost(),
    ended: (id) => byId.get(id)?.healed(),
  }
}
