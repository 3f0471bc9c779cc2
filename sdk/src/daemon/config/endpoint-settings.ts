import { boolean, listOf, map, name, optional } from "./kinds.ts"
import type { Kind, Settings } from "./setting.ts"
import { placeSettings } from "./common-settings.ts"
import { dialUrl, listenUrl } from "./urls.ts"

const serviceNames: Kind<readonly string[]> = {
  form: "at least one name of a network service, between commas",
  parse(value) {
    const names = listOf(name).parse(value)
    if (names.length === 0) throw new RangeError()
    return names
  },
}

/** The settings of every endpoint: where it is, and what it provides. */
export function endpointSettings(defaults: { serviceNames: string }) {
  return {
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
    serviceNames: {
      env: "NSM_SERVICE_NAMES",
      kind: serviceNames,
      default: defaults.serviceNames,
      description: "Network services that the endpoint provides",
    },
    labels: {
      env: "NSM_LABELS",
      kind: map,
      default: "",
      description: "Labels of the endpoint for match rules, the same for each service",
    },
    unregisterItself: {
      env: "NSM_UNREGISTER_ITSELF",
      kind: boolean,
      default: "false",
      description:
        "Whether the endpoint is taken out of the registry at its end; if not, its registration expires",
    },
    ...placeSettings,
  } as const satisfies Settings
}
