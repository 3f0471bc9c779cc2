import type { Mechanism } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import type { NetworkService } from "../service.ts"

/** Which mechanisms to offer first. */
export interface MechanismPriorityOptions {
  /** Types in falling order, in any case; those left out follow in the order they have. */
  readonly priority: readonly string[]
}

/**
 * Offers mechanisms in a wanted order.
 *
 * Placement: after everything that adds preferences.
 */
export function mechanismPriority({ priority }: MechanismPriorityOptions): Element<NetworkService> {
  const ranks = new Map(priority.map((type, index) => [type.trim().toUpperCase(), index]))
  const rank = ({ type }: Mechanism): number => ranks.get(type.toUpperCase()) ?? ranks.size
  return element("mechanism-priority", (next) => ({
    async request(request, call) {
      const mechanismPreferences = request.mechanismPreferences.toSorted(
        (a, b) => rank(a) - rank(b),
      )
      return next.request({ ...request, mechanismPreferences }, call)
    },
  }))
}
