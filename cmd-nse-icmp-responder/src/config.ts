import { Payload } from "@nsm/api"
import { parseCidrGroups } from "@nsm/sdk"
import {
  boolean,
  commonSettings,
  dialUrl,
  duration,
  type Kind,
  listOf,
  map,
  name,
  oneOf,
  optional,
  placeSettings,
  type Settings,
  text,
  unused,
} from "@nsm/sdk/daemon"

const cidrGroups: Kind<ReturnType<typeof parseCidrGroups>> = {
  form: "groups of prefixes: 172.16.0.0/24,[fd00:1::/64,fd00:2::/64]",
  parse: parseCidrGroups,
}

/** The settings of the endpoint. */
export const settings = {
  ...commonSettings({ name: "icmp-server" }),
  ...placeSettings,
  connectTo: {
    env: "NSM_CONNECT_TO",
    kind: dialUrl,
    default: "unix:///var/lib/networkservicemesh/nsm.io.sock",
    description: "The manager of this node",
  },
  serviceNames: {
    env: "NSM_SERVICE_NAMES",
    kind: listOf(name),
    default: "icmp-responder",
    description: "Network services that the endpoint provides",
  },
  payload: {
    env: "NSM_PAYLOAD",
    kind: oneOf(Payload.ETHERNET, Payload.IP),
    default: "ETHERNET",
    description: "What the services' wires carry",
  },
  labels: {
    env: "NSM_LABELS",
    kind: map,
    default: "",
    description: "Labels by which match rules choose among endpoints",
  },
  cidrGroups: {
    env: "NSM_CIDR_PREFIX",
    kind: cidrGroups,
    default: "169.254.0.0/16",
    description: "Address pools; each group gives every client a pair of addresses",
  },
  ipamPolicy: {
    env: "NSM_IPAM_POLICY",
    kind: oneOf("polite", "strict"),
    default: "polite",
    description: "Whether clients keep addresses of other endpoints (polite) or not (strict)",
  },
  registerService: {
    env: "NSM_REGISTER_SERVICE",
    kind: boolean,
    default: "true",
    description: "Whether the endpoint registers its services too, without match rules",
  },
  unregisterItself: {
    env: "NSM_UNREGISTER_ITSELF",
    kind: boolean,
    default: "false",
    description: "Whether the endpoint takes its registration back at the end",
  },
  idleTimeoutMs: {
    env: "NSM_IDLE_TIMEOUT",
    kind: duration,
    default: "0s",
    description: "Ends after this time without a connection; 0 never",
  },
  namespaceUrl: {
    env: "NSM_NAMESPACE_URL",
    kind: optional(text),
    default: "",
    description:
      "Network namespace of the endpoint's interfaces, as its forwarder sees it; empty is this process's own",
  },
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: optional(text),
    default: "",
    description: "unix:// URL that its manager and forwarders see; empty is one in a new folder",
  },
  dnsConfigs: unused("NSM_DNS_CONFIGS", "[]", "Name servers for clients"),
  baseDir: unused("NSM_BASE_DIR", "./", "Base folder"),
  pbrConfigPath: unused(
    "NSM_PBR_CONFIG_PATH",
    "/etc/policy-based-routing/config.yaml",
    "Policy routes for clients",
  ),
  registryClientPolicies: unused(
    "NSM_REGISTRY_CLIENT_POLICIES",
    "etc/nsm/opa/common/.*.rego,etc/nsm/opa/registry/.*.rego,etc/nsm/opa/client/.*.rego",
    "Policies for answers of the registry",
  ),
} as const satisfies Settings
