import {
  chain,
  client,
  clientInfo,
  type ClientInfoOptions,
  type ClientOptions,
  type Element,
  excludedPrefixesClient,
  type ExcludedPrefixesClientOptions,
  kernelPreference,
  type NetworkService,
} from "@nsm/sdk"
import { connectionMetrics, requestMetrics } from "@nsm/sdk/daemon"
import { sendFiles } from "@nsm/sdk-kernel/descriptors"
import type { Registry } from "prom-client"

/** What the daemon's chain works with. */
export interface ClientDaemonOptions
  extends ClientOptions, ClientInfoOptions, ExcludedPrefixesClientOptions {
  readonly metrics: Registry
  /** Where the client's side of each wire goes. */
  readonly namespaceUrl: string
  /** Sees every request and refresh, and what comes of it. */
  readonly observer: Element<NetworkService>
}

/** All that a request meets in this daemon; printed in docs/chain.md. */
export function clientDaemon({
  metrics,
  namespaceUrl,
  observer,
  areAware,
  nodeName,
  podName,
  clusterName,
  ...options
}: ClientDaemonOptions): Element<NetworkService> {
  return chain(
    "nsc",
    client(
      options,
      // Behind begin and refresh, where first requests and refreshes look alike.
      requestMetrics(metrics),
      connectionMetrics(metrics),
      observer,
      clientInfo({ nodeName, podName, clusterName }),
      kernelPreference({ namespaceUrl, random: options.random }),
      excludedPrefixesClient(areAware ? { areAware } : {}),
      sendFiles(),
    ),
  )
}
