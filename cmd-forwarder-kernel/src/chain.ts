import { chain, type Element, type NetworkService } from "@nsm/sdk"
import { connectionMetrics, requestMetrics } from "@nsm/sdk/daemon"
import { forwarder, type ForwarderDeps, type ForwarderOptions } from "@nsm/sdk-kernel"
import type { Registry } from "prom-client"

/** What the daemon's chain works with. */
export interface ForwarderKernelDeps extends ForwarderDeps {
  readonly metrics: Registry
}

/** All that a request meets in this daemon; printed in docs/chain.md. */
export function forwarderKernel({
  metrics,
  ...rest
}: ForwarderKernelDeps & Omit<ForwarderOptions, "observers">): Element<NetworkService> {
  return chain(
    "forwarder-kernel",
    // Outermost: counts what is refused, too.
    requestMetrics(metrics),
    // Behind begin: counts what is closed from inside, too.
    forwarder({ ...rest, observers: [connectionMetrics(metrics)] }),
  )
}
