import { MechanismType } from "@nsm/api"
import {
  chain,
  type Element,
  element,
  endpoint,
  type EndpointOptions,
  groupIpam,
  type GroupIpamOptions,
  kernelEndpoint,
  type KernelEndpointOptions,
  mechanisms,
  type NetworkService,
  strictIpam,
} from "@nsm/sdk"
import { connectionMetrics, requestMetrics } from "@nsm/sdk/daemon"
import { receiveFiles } from "@nsm/sdk-kernel/descriptors"
import type { Registry } from "prom-client"

/** What the daemon's chain works with. */
export interface IcmpResponderOptions
  extends EndpointOptions, GroupIpamOptions, Pick<KernelEndpointOptions, "namespaceUrl"> {
  readonly ipamPolicy: "polite" | "strict"
  readonly metrics: Registry
  /** Looks on, below the point where connections are known. */
  readonly observer: Element<NetworkService>
}

/** All that a request meets in this daemon; printed in docs/chain.md. */
export function icmpResponder({
  ipamPolicy,
  groups,
  leases,
  namespaceUrl,
  metrics,
  observer,
  ...rest
}: IcmpResponderOptions): Element<NetworkService> {
  const { random } = rest
  const addresses = { groups, leases }
  return chain(
    "nse-icmp-responder",
    // Outermost: counts what is refused, too.
    requestMetrics(metrics),
    endpoint(
      rest,
      // Behind begin: counts what is closed from inside, too.
      connectionMetrics(metrics),
      observer,
      // Sends the endpoint's namespace along with the answer.
      receiveFiles(),
      // Addresses before mechanisms: a request that gets none needs no interface.
      ipamPolicy === "strict" ? strictIpam(addresses) : groupIpam(addresses),
      mechanisms({
        [MechanismType.KERNEL]: kernelEndpoint({ namespaceUrl, random }),
        // For wires without an interface, such as those of virtual functions.
        [MechanismType.NOOP]: element("noop", () => ({})),
      }),
    ),
  )
}
