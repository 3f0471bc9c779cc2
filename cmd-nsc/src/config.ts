import {
  boolean,
  clientPolicySettings,
  commonSettings,
  dialUrl,
  duration,
  namespaceUrl,
  placeSettings,
  type Settings,
  unused,
} from "@nsm/sdk/daemon"
import { wantedWires, wireGroups } from "./service-urls.ts"

/** The settings of the client. */
export const settings = {
  ...commonSettings({ name: "nsc" }),
  connectTo: {
    env: "NSM_CONNECT_TO",
    kind: dialUrl,
    default: "unix:///var/lib/networkservicemesh/nsm.io.sock",
    description: "The manager of this node",
  },
  wires: {
    env: "NSM_NETWORK_SERVICES",
    kind: wantedWires,
    default: "",
    description:
      "Wires to ask for, between commas, each kernel://service[@domain][/interface][?label=value]",
  },
  dialTimeoutMs: {
    env: "NSM_DIAL_TIMEOUT",
    kind: duration,
    default: "5s",
    description: "How long the manager may take to answer when it is dialled",
  },
  requestTimeoutMs: {
    env: "NSM_REQUEST_TIMEOUT",
    kind: duration,
    default: "15s",
    description:
      "How long a request may take, the first and each repetition; one that failed is tried again",
  },
  awarenessGroups: {
    env: "NSM_AWARENESS_GROUPS",
    kind: wireGroups,
    default: "",
    description:
      "Groups of wires that may have overlapping addresses, such as [kernel://a,kernel://b],[kernel://c]",
  },
  livenessCheckEnabled: {
    env: "NSM_LIVENESS_CHECK_ENABLED",
    kind: boolean,
    default: "true",
    description:
      "Whether echo requests go through each wire: one that lives stays as it is while the mesh heals; without them whatever is lost is selected anew",
  },
  livenessCheckIntervalMs: {
    env: "NSM_LIVENESS_CHECK_INTERVAL",
    kind: duration,
    default: "200ms",
    description: "Time between two looks at a wire",
  },
  livenessCheckTimeoutMs: {
    env: "NSM_LIVENESS_CHECK_TIMEOUT",
    kind: duration,
    default: "1s",
    description:
      "How long four echo requests, one after the other, may go unanswered; then the wire is dead",
  },
  namespaceUrl: namespaceUrl("Network namespace of the client's side of each wire"),
  ...placeSettings,
  ...clientPolicySettings,
  labels: unused("NSM_LABELS", "", "Nothing in the Go program either; labels are in the URLs"),
  mechanism: unused("NSM_MECHANISM", "kernel", "Nothing in the Go program either; URLs say it"),
  localDnsServerEnabled: unused("NSM_LOCAL_DNS_SERVER_ENABLED", "true", "Local DNS server"),
  localDnsServerAddress: unused("NSM_LOCAL_DNS_SERVER_ADDRESS", "127.0.0.1:53", "Its address"),
  sriovTokens: unused("NSM_SRIOV_TOKENS_*", "", "Tokens of SR-IOV devices"),
} as const satisfies Settings
