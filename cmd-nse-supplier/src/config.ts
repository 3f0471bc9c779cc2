import {
  commonSettings,
  duration,
  endpointSettings,
  integer,
  name,
  registryClientPolicySettings,
  serverPolicySettings,
  type Settings,
} from "@nsm/sdk/daemon"

/** The settings of the supplier. */
export const settings = {
  ...commonSettings({ name: "nse-supplier" }),
  ...endpointSettings({ serviceNames: "supplied" }),
  supplyCommand: {
    env: "NSM_SUPPLY_COMMAND",
    kind: name,
    default: "nse-icmp-responder",
    description:
      "What starts an endpoint, for /bin/sh; NSM_SUPPLY_SERVICE, NSM_SUPPLY_NODE and NSM_SUPPLY_NAME " +
      "say for what, on which node and under which name, NSM_NAME and NSM_SERVICE_NAMES say it to the " +
      "endpoints of this suite",
  },
  supplyTimeoutMs: {
    env: "NSM_SUPPLY_TIMEOUT",
    kind: duration,
    default: "1m",
    description: "How long an endpoint may take to register; then what was started is ended",
  },
  supplyLimit: {
    env: "NSM_SUPPLY_LIMIT",
    kind: integer,
    default: "32",
    description:
      "How many endpoints may start or run at a time: each node that clients say they are on gets its own",
  },
  ...serverPolicySettings,
  ...registryClientPolicySettings,
} as const satisfies Settings
