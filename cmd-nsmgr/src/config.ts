import {
  commonSettings,
  dialUrl,
  duration,
  type Kind,
  listenUrl,
  listOf,
  name,
  optional,
  placeSettings,
  registryClientPolicySettings,
  registryServerPolicySettings,
  serverPolicySettings,
  type Settings,
  text,
} from "@nsm/sdk/daemon"

/** The first of these becomes the URL under which others know the manager, so it has to be known. */
const managerUrl: Kind<string> = {
  form: `${listenUrl.form}; not port 0, because others have to find it`,
  parse(value) {
    if (/^tcp:.*:0+$/.test(value)) throw new RangeError()
    return listenUrl.parse(value)
  },
}

const managerUrls: Kind<readonly string[]> = {
  form: listOf(managerUrl).form,
  parse(value) {
    const urls = listOf(managerUrl).parse(value)
    if (urls.length === 0) throw new RangeError()
    return urls
  },
}

/** The settings of the manager. */
export const settings = {
  ...commonSettings({ name: "nmgr" }),
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: managerUrls,
    default: "unix:///var/lib/networkservicemesh/nsm.io.sock",
    description:
      "Where the manager listens; others reach it at the first tcp:// URL, or else at the first",
  },
  registryUrl: {
    env: "NSM_REGISTRY_URL",
    kind: optional(dialUrl),
    default: "tcp://localhost:5001",
    description: "The domain's registry; empty keeps one in memory, for a domain of one node",
  },
  dialTimeoutMs: {
    env: "NSM_DIAL_TIMEOUT",
    kind: duration,
    default: "750ms",
    description: "How long a peer may take to answer when it is dialled",
  },
  forwarderService: {
    env: "NSM_FORWARDER_NETWORK_SERVICE_NAME",
    kind: name,
    default: "forwarder",
    description: "Network service that the forwarders of the node provide",
  },
  excludedPrefixesFile: {
    env: "NSM_EXCLUDED_PREFIXES_FILE",
    kind: text,
    default: "/var/lib/networkservicemesh/config/excluded_prefixes.yaml",
    description:
      "YAML with the list `prefixes` of what no wire of this node may use; it is followed, and may be missing",
  },
  ...placeSettings,
  ...serverPolicySettings,
  ...registryServerPolicySettings,
  ...registryClientPolicySettings,
} as const satisfies Settings
