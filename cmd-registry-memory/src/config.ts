import {
  commonSettings,
  listenUrl,
  listOf,
  registryServerPolicySettings,
  type Settings,
  unused,
} from "@nsm/sdk/daemon"

/** The settings of the registry. */
export const settings = {
  ...commonSettings({ name: "registry-memory" }),
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: listOf(listenUrl),
    default: "unix:///listen.on.socket",
    description: "Where the registries are served",
  },
  proxyRegistryUrl: unused(
    "NSM_PROXY_REGISTRY_URL",
    "",
    "Where names of other domains are asked for",
  ),
  expirePeriod: unused(
    "NSM_EXPIRE_PERIOD",
    "1s",
    "Read by the Go program, but without effect there too: registrations last a minute",
  ),
  ...registryServerPolicySettings,
  proxyRegistryPolicies: unused(
    "NSM_REGISTRY_CLIENT_POLICIES",
    "etc/nsm/opa/common/.*.rego,etc/nsm/opa/registry/.*.rego,etc/nsm/opa/client/.*.rego",
    "Policies for answers of the registry of other domains",
  ),
} as const satisfies Settings
