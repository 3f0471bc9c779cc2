import { chain, type Element, endpoint, type EndpointOptions, type NetworkService } from "@nsm/sdk"
import { requestMetrics } from "@nsm/sdk/daemon"
import type { Registry } from "prom-client"

/** What the daemon's chain works with. */
export interface SupplierOptions extends EndpointOptions {
  readonly metrics: Registry
}

/** All that a request meets in this daemon before `supplying`; printed in docs/chain.md. */
export function supplier({ metrics, ...hop }: SupplierOptions): Element<NetworkService> {
  return chain(
    "nse-supplier",
    // Outermost: counts what is refused, too.
    requestMetrics(metrics),
    endpoint(hop),
  )
}
