import { Payload } from "@nsm/api"
import { groupIpam, parseCidrGroups, type GroupIpamOptions } from "@nsm/sdk"
import {
  boolean,
  commonSettings,
  dialUrl,
  duration,
  type Kind,
  listenUrl,
  listOf,
  map,
  name,
  namespaceUrl,
  oneOf,
  optional,
  placeSettings,
  registryClientPolicySettings,
  serverPolicySettings,
  type Settings,
  unused,
} from "@nsm/sdk/daemon"

/** Groups of address pools. Pools that overlap are refused here rather than at the first request. */
const cidrGroups: Kind<GroupIpamOptions["groups"]> = {
  form: "prefixes such as 172.16.0.0/24, in groups such as 10.0.0.0/24,[fd00::/64,fd01::/64]",
  parse(value) {
    const groups = parseCidrGroups(value)
    groupIpam({ groups })
    return groups
  },
}

const serviceNames: Kind<readonly string[]> = {
  form: "at least one name of a network service, between commas",
  parse(value) {
    const names = listOf(name).parse(value)
    if (names.length === 0) throw new RangeError()
    return names
  },
}

/** The settings of the endpoint. */
export const settings = {
  ...commonSettings({ name: "icmp-server" }),
  connectTo: {
    env: "NSM_CONNECT_TO",
    kind: dialUrl,
    default: "unix:///var/lib/networkservicemesh/nsm.io.sock",
    description: "The manager of this node",
  },
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: optional(listenUrl),
    default: "",
    description:
      "Where the endpoint listens; it is registered as this URL, so the forwarders of the node must " +
      "see it; empty makes a unix socket in a temporary folder (an addition to the Go program)",
  },
  namespaceUrl: namespaceUrl("Network namespace of the endpoint's side of each wire"),
  serviceNames: {
    env: "NSM_SERVICE_NAMES",
    kind: serviceNames,
    default: "icmp-responder",
    description: "Network services that the endpoint provides",
  },
  payload: {
    env: "NSM_PAYLOAD",
    kind: oneOf(Payload.ETHERNET, Payload.IP),
    default: "ETHERNET",
    description: "What the wires of these services carry",
  },
  labels: {
    env: "NSM_LABELS",
    kind: map,
    default: "",
    description: "Labels of the endpoint for match rules, the same for each service",
  },
  cidrGroups: {
    env: "NSM_CIDR_PREFIX",
    kind: cidrGroups,
    default: "169.254.0.0/16",
    description:
      "Address pools: `a,b` gives each client a pair of addresses from a and one from b; `[a,b]` one " +
      "from a, or from b once a is used up",
  },
  ipamPolicy: {
    env: "NSM_IPAM_POLICY",
    kind: oneOf("polite", "strict"),
    default: "polite",
    description: "Whether a client may keep addresses of other pools (polite) or not (strict)",
  },
  registerService: {
    env: "NSM_REGISTER_SERVICE",
    kind: boolean,
    default: "true",
    description: "Whether the services are registered too, without match rules",
  },
  unregisterItself: {
    env: "NSM_UNREGISTER_ITSELF",
    kind: boolean,
    default: "false",
    description:
      "Whether the endpoint is taken out of the registry at its end; if not, its registration expires",
  },
  idleTimeoutMs: {
    env: "NSM_IDLE_TIMEOUT",
    kind: duration,
    default: "0",
    description: "Ends the endpoint after this time without any wire; 0 is never",
  },
  ...placeSettings,
  baseDir: unused("NSM_BASE_DIR", "./", "Folder of the endpoint's files"),
  dnsConfigs: unused("NSM_DNS_CONFIGS", "[]", "DNS servers that clients are told of, as JSON"),
  pbrConfigPath: unused(
    "NSM_PBR_CONFIG_PATH",
    "/etc/policy-based-routing/config.yaml",
    "Routing policies that clients are told of",
  ),
  ...serverPolicySettings,
  ...registryClientPolicySettings,
} as const satisfies Settings
