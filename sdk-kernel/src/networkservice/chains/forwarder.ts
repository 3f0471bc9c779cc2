import {
  type AuthorizeOptions,
  chain,
  type Clock,
  connect,
  discover,
  EndpointSelection,
  type Element,
  filterMechanisms,
  kernelPreference,
  limitMtu,
  type Log,
  mechanismPriority,
  mechanisms,
  mechanismTranslation,
  mtu,
  type NetworkService,
  passthrough,
  type Random,
  type Registries,
  relayMonitor,
  selectEndpoint,
  supplied,
  type TokenSource,
  type Transport,
  tunnelMtu,
  vni,
  vxlanPreference,
} from "@nsm/sdk"
import { MechanismPort, MechanismType } from "@nsm/api"
import { NamespaceFinder } from "../../namespace/namespace-finder.ts"
import type { LostEnd } from "../../wiring/wire-check.ts"
import type { TunnelAddress } from "../../wiring/tunnel-address.ts"
import { crossConnect, type WiredNamespace, type Wires } from "../cross-connect.ts"
import { distinctVni } from "../distinct-vni.ts"
import { type Interfaces, kernel } from "../kernel.ts"
import { namespaceWatch, type NamespaceWatchDeps } from "../namespace-watch.ts"
import { lostWires } from "../lost-wires.ts"
import { receiveFiles } from "../receive-files.ts"
import { sendFiles } from "../send-files.ts"

/** What a forwarder works with. */
export interface ForwarderDeps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly tokens: TokenSource
  /** Carries calls to endpoints and other managers. */
  readonly transport: Pick<Transport, "client">
  /** Where endpoints are looked up. */
  readonly registries: Registries
  /** Makes the wires. */
  readonly wiring: ForwarderWiring
  /** Runs closes that nobody asked for. */
  readonly tasks: NamespaceWatchDeps["tasks"]
}

/** What a forwarder needs of the kernel; `Wiring` is it. */
export interface ForwarderWiring extends Wires, Interfaces {
  hasVni(vni: number, connectionId?: string): boolean
  isThere(namespace: WiredNamespace): boolean
  /** Tells of wires that were lost. @default nothing is told */
  onLost?(listener: (lost: LostEnd) => void): Disposable
}

/** How a forwarder behaves. */
export interface ForwarderOptions {
  /** Name of the process in paths. */
  readonly name: string
  /** Where tunnels to other nodes begin. @default there are none, it serves this node only */
  readonly tunnel?: (TunnelAddress & { readonly port?: number }) | undefined
  /** Types of mechanisms to offer first. @default the order below */
  readonly mechanismPriority?: readonly string[]
  /** What is known of endpoints when one is chosen. @default nothing, and nobody is near */
  readonly selection?: EndpointSelection
  /** Whether the two best endpoints race for a first request. @default false */
  readonly isRacing?: boolean
  /** Elements that only look on, such as metrics. @default none */
  readonly observers?: readonly Element<NetworkService>[]
  /** What callers have to obey. @default nothing */
  readonly policies?: AuthorizeOptions | undefined
  /** Ends all timers and streams. @default never */
  readonly signal?: AbortSignal | undefined
}

/** A forwarder that joins kernel interfaces, on one node by veth pairs and across nodes by VXLAN. */
export function forwarder({
  name,
  tunnel,
  mechanismPriority: priority = [],
  observers = [],
  policies,
  signal,
  clock,
  selection = new EndpointSelection({ clock }),
  isRacing = false,
  log,
  random,
  tokens,
  transport,
  registries,
  wiring,
  tasks,
}: ForwarderOptions & ForwarderDeps): Element<NetworkService> {
  const onLost = wiring.onLost?.bind(wiring)
  const remote = tunnel && tunnelElements(tunnel, { random, wiring })
  // Namespaces that can be seen are not held by what is passed, so that they go with their workloads.
  const finder = new NamespaceFinder()
  return passthrough(
    { name, tokens, random, policies, signal },
    ...observers,
    // Before the caller's namespace is looked into.
    receiveFiles({ finder }),
    // What a wire within the node bears, until a tunnel lowers it.
    mtu(),
    // The caller's side first: what cannot be made for the caller is refused once, not once per
    // endpoint, and before anybody else is bothered.
    mechanisms({
      [MechanismType.KERNEL]: kernel({ interfaces: wiring }),
      ...(remote && { [MechanismType.VXLAN]: remote.answering }),
    }),
    // Who may serve it; then one after the other, all that follows once per endpoint.
    supplied({ random }),
    discover({ registries }),
    selectEndpoint({ selection, racing: isRacing ? transport : undefined }),
    // Looks at what cross-connect, inside it, has wired.
    namespaceWatch({ clock, log, tasks, isThere: (one) => wiring.isThere(one), signal }),
    ...(onLost ? [lostWires({ wires: { onLost }, log, signal })] : []),
    // Between the two sides, because it joins them.
    crossConnect({ wires: wiring }),
    mechanismTranslation(),
    // The next hop's side: what is offered, in the order of preference.
    ...(remote ? [remote.distinct] : []),
    kernelPreference(),
    ...(remote ? [remote.asking] : []),
    mechanismPriority({ priority }),
    // Needs the next hop's URL, and everything that is offered.
    filterMechanisms(),
    relayMonitor({ name, signal }),
    sendFiles({ relays: true, finder }),
    connect({ transport }),
  )
}

/** What serves tunnels on both sides. */
function tunnelElements(
  { ip, linkMtu, port = MechanismPort.VXLAN }: TunnelAddress & { readonly port?: number },
  { random, wiring }: Pick<ForwarderDeps, "random" | "wiring">,
) {
  const end = { tunnelIp: ip, tunnelPort: port }
  const bytes = tunnelMtu({ type: "VXLAN", tunnelIp: ip, linkMtu })
  return {
    answering: chain(
      "vxlan",
      limitMtu({ mtu: bytes }),
      vni({ ...end, random, isTaken: (number) => wiring.hasVni(number) }),
    ),
    asking: vxlanPreference({ ...end, mtu: bytes }),
    distinct: distinctVni({ isTaken: (number, id) => wiring.hasVni(number, id) }),
  }
}
