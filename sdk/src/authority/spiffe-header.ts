import { Header } from "@nsm/api"
import type { Call } from "../core/call.ts"
import { element, type Element } from "../core/chain.ts"
import { NsmError } from "../core/errors.ts"
import type { WorkloadService } from "../identity/workload-service.ts"

/**
 * Refuses calls without the header that web pages and proxies cannot be made to send, so that they
 * are no way in (SPIFFE Workload API, section 4).
 *
 * Placement: before anything that costs.
 */
export function spiffeHeader(): Element<WorkloadService> {
  return element("spiffe-header", (next) => ({
    fetchX509SVID(request, call) {
      check(call)
      return next.fetchX509SVID(request, call)
    },
    fetchX509Bundles(request, call) {
      check(call)
      return next.fetchX509Bundles(request, call)
    },
  }))
}

function check({ metadata }: Call): void {
  if (metadata.get(Header.spiffeWorkload) === "true") return
  throw new NsmError(
    "INVALID_REQUEST",
    `the header "${Header.spiffeWorkload}: true" is missing, without which the Workload API answers nobody`,
  )
}
