import { MechanismType } from "@nsm/api"
import { chain, type Element } from "../../core/chain.ts"
import type { Clock } from "../../core/clock.ts"
import { type EndpointOptions, passthrough } from "../../networkservice/chains/endpoint.ts"
import { connect } from "../../networkservice/common/connect/connect.ts"
import { discover } from "../../networkservice/common/discover.ts"
import { relayMonitor } from "../../networkservice/common/relay-monitor/relay-monitor.ts"
import { filterMechanisms } from "../../networkservice/mechanisms/filter-mechanisms.ts"
import { kernelPreference } from "../../networkservice/mechanisms/kernel.ts"
import { mechanismTranslation } from "../../networkservice/mechanisms/mechanism-translation.ts"
import { mechanisms } from "../../networkservice/mechanisms/mechanisms.ts"
import { mtu } from "../../networkservice/mechanisms/mtu.ts"
import { limitMtu, tunnelMtu } from "../../networkservice/mechanisms/tunnel-mtu.ts"
import { vni } from "../../networkservice/mechanisms/vni.ts"
import { vxlanPreference } from "../../networkservice/mechanisms/vxlan-preference.ts"
import { EndpointSelection } from "../../networkservice/selection/endpoint-selection.ts"
import { selectEndpoint } from "../../networkservice/selection/select-endpoint.ts"
import type { NetworkService } from "../../networkservice/service.ts"
import type { Registries } from "../../registry/service.ts"
import type { Transport } from "../../transport/transport.ts"

/** How the forwarders of a domain choose endpoints. */
export interface Choosing {
  /** Labels that make an endpoint near to a client, nearest first. @default none */
  readonly locality?: readonly string[]
  /** Whether the two best endpoints race for a first request. @default false */
  readonly isRacing?: boolean
}

/** Where a forwarder without a data plane stands. */
export interface WirelessForwarderOptions extends EndpointOptions {
  readonly transport: Pick<Transport, "client">
  readonly registries: Registries
  readonly clock: Clock
  /** Address of its node for tunnels. */
  readonly tunnelIp: string
  /** How endpoints are chosen. @default all alike, and none race */
  readonly choosing?: Choosing
  /** Elements that only look on. */
  readonly observers: readonly Element<NetworkService>[]
}

/** All that a forwarder of kernel interfaces and VXLAN tunnels does, but for making them. */
export function wirelessForwarder({
  transport,
  registries,
  clock,
  tunnelIp,
  choosing: { locality = [], isRacing = false } = {},
  observers,
  ...hop
}: WirelessForwarderOptions): Element<NetworkService> {
  const bytes = tunnelMtu({ type: "VXLAN", tunnelIp, linkMtu: 1500 })
  const { name, random, signal } = hop
  return passthrough(
    hop,
    ...observers,
    mtu(),
    mechanisms({
      [MechanismType.KERNEL]: chain("kernel"),
      [MechanismType.VXLAN]: chain("vxlan", limitMtu({ mtu: bytes }), vni({ tunnelIp, random })),
    }),
    discover({ registries }),
    // Repeats what follows once per endpoint that it tries.
    selectEndpoint({
      selection: new EndpointSelection({ clock, locality }),
      racing: isRacing ? transport : undefined,
    }),
    // Between the caller's side and the next hop's.
    mechanismTranslation(),
    kernelPreference(),
    vxlanPreference({ tunnelIp, mtu: bytes }),
    // Needs the next hop's URL and everything that is offered.
    filterMechanisms(),
    relayMonitor({ name, signal }),
    connect({ transport }),
  )
}
