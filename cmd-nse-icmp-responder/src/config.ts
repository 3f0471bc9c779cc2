import { Payload } from "@nsm/api"
import { groupIpam, parseCidrGroups, type GroupIpamOptions } from "@nsm/sdk"
import {
  boolean,
  commonSettings,
  duration,
  endpointSettings,
  type Kind,
  namespaceUrl,
  oneOf,
  registryClientPolicySettings,
  serverPolicySettings,
  type Settings,
  text,
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

/** The settings of the endpoint. */
export const settings = {
  ...commonSettings({ name: "icmp-server" }),
  ...endpointSettings({ serviceNames: "icmp-responder" }),
  namespaceUrl: namespaceUrl("Network namespace of the endpoint's side of each wire"),
  payload: {
    env: "NSM_PAYLOAD",
    kind: oneOf(Payload.ETHERNET, Payload.IP),
    default: "ETHERNET",
    description: "What the wires of these services carry",
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
  ipamStateFile: {
    env: "NSM_IPAM_STATE_FILE",
    kind: text,
    default: "",
    description:
      "File in which the addresses that were given are kept, so that clients get them again after a " +
      "restart of the endpoint; each endpoint needs its own; empty keeps none (an addition to the Go program)",
  },
  registerService: {
    env: "NSM_REGISTER_SERVICE",
    kind: boolean,
    default: "true",
    description: "Whether the services are registered too, without match rules",
  },
  idleTimeoutMs: {
    env: "NSM_IDLE_TIMEOUT",
    kind: duration,
    default: "0",
    description:
      "Ends the endpoint after this time without any wire, once it is registered; 0 is never",
  },
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
