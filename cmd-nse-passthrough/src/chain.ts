import { MechanismType } from "@nsm/api"
import {
  chain,
  clientInfo,
  type ClientInfoOptions,
  composition,
  type CompositionOptions,
  connect,
  type ConnectOptions,
  connectTo,
  type Element,
  type EndpointOptions,
  kernelEndpoint,
  type KernelEndpointOptions,
  kernelPreference,
  mechanisms,
  mechanismTranslation,
  type NetworkService,
  passthrough,
  relayMonitor,
  unnumbered,
} from "@nsm/sdk"
import { connectionMetrics, requestMetrics } from "@nsm/sdk/daemon"
import { receiveFiles, sendFiles } from "@nsm/sdk-kernel"
import type { Registry } from "prom-client"
import { bridge, type Joints } from "./bridge.ts"
import { jointOf } from "./joint.ts"

/** What the daemon's chain works with. */
export interface PassthroughEndpointOptions
  extends
    EndpointOptions,
    CompositionOptions,
    ConnectOptions,
    ClientInfoOptions,
    Pick<KernelEndpointOptions, "namespaceUrl"> {
  /** URL of the manager, which leads on. */
  readonly connectTo: string
  readonly joints: Joints
  readonly metrics: Registry
}

/** All that a request meets in this daemon; printed in docs/chain.md. */
export function passthroughEndpoint({
  connectTo: managerUrl,
  labels,
  nodeName,
  podName,
  clusterName,
  namespaceUrl,
  joints,
  transport,
  metrics,
  ...hop
}: PassthroughEndpointOptions): Element<NetworkService> {
  const { name, random, signal } = hop
  return chain(
    "nse-passthrough",
    // Outermost: counts what is refused, too.
    requestMetrics(metrics),
    passthrough(
      hop,
      // Behind begin: counts what is closed from inside, too.
      connectionMetrics(metrics),
      // The caller's side: a port of the bridge, whose namespace goes along with the answer.
      receiveFiles(),
      mechanisms({
        [MechanismType.KERNEL]: chain(
          "kernel",
          unnumbered({ interfaceName: ({ id }) => jointOf(id).ports[0] }),
          kernelEndpoint({ namespaceUrl, random }),
        ),
      }),
      // From here on this endpoint is a client like others.
      composition({ labels }),
      clientInfo({ nodeName, podName, clusterName }),
      // Between the two sides, because it joins them.
      bridge({ joints }),
      mechanismTranslation(),
      // The next hop's side: the other port. Its refreshes are the client's, which come by.
      kernelPreference({ namespaceUrl }),
      unnumbered({ interfaceName: ({ id }) => jointOf(id).ports[1] }),
      connectTo(managerUrl),
      relayMonitor({ name, signal }),
      sendFiles(),
      connect({ transport }),
    ),
  )
}
