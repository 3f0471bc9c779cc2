import {
  commonSettings,
  endpointSettings,
  namespaceUrl,
  registryClientPolicySettings,
  serverPolicySettings,
  type Settings,
} from "@nsm/sdk/daemon"

/** The settings of the pass-through endpoint. */
export const settings = {
  ...commonSettings({ name: "nse-passthrough" }),
  ...endpointSettings({ serviceNames: "passthrough" }),
  namespaceUrl: namespaceUrl("Network namespace in which wires are joined"),
  ...serverPolicySettings,
  ...registryClientPolicySettings,
} as const satisfies Settings
