import { listOf, optional, text } from "./kinds.ts"
import type { Setting } from "./setting.ts"

/** What the values of these settings look like is said once, in the first. */
const form =
  "masks for those that are built in, paths of compiled ones (.wasm, .tar.gz), or URLs of an Open " +
  "Policy Agent; all have to allow it, and empty asks none"

function policySetting(
  env: string,
  folders: readonly string[],
  description: string,
): Setting<readonly string[]> {
  const masks = folders.map((folder) => `etc/nsm/opa/${folder}/.*.rego`).join(",")
  return { env, kind: listOf(text), default: masks, description }
}

/** How policies are tried out, for every daemon that asks any. */
const trial = {
  policiesDryRun: {
    env: "NSM_POLICIES_DRY_RUN",
    kind: listOf(text),
    default: "",
    description:
      "Names of policies that are only reported on, in the log and in metrics, but not enforced; `all` for all",
  },
  policyRecord: {
    env: "NSM_POLICY_RECORD",
    kind: optional(text),
    default: "",
    description:
      "Folder into which is written what policies are asked, for `nsm policy test`; tokens without signatures",
  },
} as const

/** The policies of whoever is asked for connections. */
export const serverPolicySettings = {
  serverPolicies: policySetting(
    "NSM_SERVER_POLICIES",
    ["common", "server"],
    `Policies for requests and closes: ${form}`,
  ),
  monitorPolicies: policySetting(
    "NSM_MONITOR_POLICIES",
    ["monitor"],
    "Policies for who may watch connections",
  ),
  ...trial,
} as const

/** The policies of whoever asks for connections. */
export const clientPolicySettings = {
  clientPolicies: policySetting(
    "NSM_CLIENT_POLICIES",
    ["common", "client"],
    `Policies for answers to requests: ${form}`,
  ),
  ...trial,
} as const

/** The policies of a registry. */
export const registryServerPolicySettings = {
  registryServerPolicies: policySetting(
    "NSM_REGISTRY_SERVER_POLICIES",
    ["common", "registry", "server"],
    `Policies for registrations: ${form}`,
  ),
  ...trial,
} as const

/** The policies of whoever registers. */
export const registryClientPolicySettings = {
  registryClientPolicies: policySetting(
    "NSM_REGISTRY_CLIENT_POLICIES",
    ["common", "registry", "client"],
    `Policies for answers of the registry: ${form}`,
  ),
  ...trial,
} as const
