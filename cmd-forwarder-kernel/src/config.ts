import { isIP } from "node:net"
import {
  boolean,
  commonSettings,
  dialUrl,
  duration,
  integer,
  type Kind,
  listenUrl,
  listOf,
  map,
  name,
  optional,
  registryClientPolicySettings,
  serverPolicySettings,
  type Settings,
  text,
} from "@nsm/sdk/daemon"

const ipAddress: Kind<string> = {
  form: "an IP address",
  parse(value) {
    if (isIP(value) === 0) throw new RangeError()
    return value
  },
}

const port: Kind<number> = {
  form: "a port, 0 to 65535",
  parse(value) {
    const number = integer.parse(value)
    if (number > 65_535) throw new RangeError()
    return number
  },
}

/** The settings of the forwarder. */
export const settings = {
  ...commonSettings({ name: "forwarder" }),
  labels: {
    env: "NSM_LABELS",
    kind: map,
    default: "p2p:true",
    description: "Labels by which managers choose among the forwarders of their node",
  },
  networkService: {
    env: "NSM_NSNAME",
    kind: name,
    default: "forwarder",
    description: "Network service under which managers look for forwarders",
  },
  connectTo: {
    env: "NSM_CONNECT_TO",
    kind: dialUrl,
    default: "unix:///connect.to.socket",
    description: "The manager of this node",
  },
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: listenUrl,
    default: "unix:///listen.on.socket",
    description:
      "Where the forwarder listens; it is registered as this URL, so its manager must see it",
  },
  dialTimeoutMs: {
    env: "NSM_DIAL_TIMEOUT",
    kind: duration,
    default: "750ms",
    description: "How long a peer may take to answer when it is dialled",
  },
  tunnelIp: {
    env: "NSM_TUNNEL_IP",
    kind: optional(ipAddress),
    default: "",
    description:
      "Address of this node for tunnels to others; empty takes the one of the default route's interface",
  },
  vxlanPort: {
    env: "NSM_VXLAN_PORT",
    kind: port,
    default: "0",
    description: "UDP port of VXLAN, the same on all nodes; 0 is 4789",
  },
  mechanismPriority: {
    env: "NSM_MECHANISM_PRIORITY",
    kind: listOf(text),
    default: "",
    description: "Types of mechanisms to offer first, such as VXLAN,KERNEL",
  },
  selectionLocality: {
    env: "NSM_SELECTION_LOCALITY",
    kind: listOf(name),
    default: "",
    description:
      "Labels that make an endpoint near to a client when both have the same value, nearest first, such as nodeName,zone; nearer ones are asked first as long as enough of them answer. Empty asks all alike",
  },
  selectionRace: {
    env: "NSM_SELECTION_RACE",
    kind: boolean,
    default: "false",
    description:
      "Whether the two best endpoints for a new connection race for it: the one whose node answers first gets the request",
  },
  keepWires: {
    env: "NSM_KEEP_WIRES",
    kind: boolean,
    default: "true",
    description:
      "Whether wires stay in the kernel when the forwarder ends, and go on carrying packets, until a later one of this node takes them over",
  },
  reconcileIntervalMs: {
    env: "NSM_RECONCILE_INTERVAL",
    kind: duration,
    default: "60s",
    description: "Time between two comparisons of what the kernel has with what connections own",
  },
  orphanGraceMs: {
    env: "NSM_ORPHAN_GRACE",
    kind: duration,
    default: "10m",
    description:
      "How long an interface stays that no connection owns; at least the lifetime of the clients' tokens, within which those that live ask again",
  },
  ...serverPolicySettings,
  ...registryClientPolicySettings,
} as const satisfies Settings
