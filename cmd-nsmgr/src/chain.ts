import { chain, type Element, type ManagerOptions, type NetworkService, nsmgr } from "@nsm/sdk"
import { connectionMetrics, requestMetrics } from "@nsm/sdk/daemon"
import { receiveFiles, sendFiles } from "@nsm/sdk-kernel/descriptors"
import type { Registry } from "prom-client"

/** What the daemon's chain works with. */
export interface ManagerDaemonOptions extends Omit<
  ManagerOptions,
  "observers" | "callerElements" | "forwarderElements"
> {
  readonly metrics: Registry
}

/** All that a request meets in this daemon; printed in docs/chain.md. */
export function managerDaemon({
  metrics,
  ...options
}: ManagerDaemonOptions): Element<NetworkService> {
  return chain(
    "nsmgr",
    // Outermost: counts what is refused, too.
    requestMetrics(metrics),
    // Behind begin: counts what is closed from inside, too.
    nsmgr({
      ...options,
      observers: [connectionMetrics(metrics)],
      callerElements: [receiveFiles()],
      forwarderElements: [sendFiles({ relays: true })],
    }),
  )
}
