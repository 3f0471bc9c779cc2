import { Counter } from "prom-client"
import { NsmError } from "../core/errors.ts"
import { verifiedTokens } from "../identity/verified-tokens.ts"
import type { AuthorizeAnswerOptions } from "../networkservice/common/authorize-answer.ts"
import type { AuthorizeOptions } from "../networkservice/common/authorize/authorize.ts"
import { loadPolicies } from "../policy/load.ts"
import { type Policies, policies, type PolicyPoint } from "../policy/policies.ts"
import type { AuthorizeAnswerOptions as RegistryAnswerOptions } from "../registry/common/authorize-answer.ts"
import type { AuthorizeOptions as RegistrationOptions } from "../registry/common/authorize.ts"
import type { Daemon, DaemonSettings } from "./daemon.ts"
import { policyRecording } from "./policy-recording.ts"

/** The settings that count; a daemon has those of the calls that it makes and takes. */
export interface PolicyConfig {
  readonly name: string
  readonly serverPolicies?: readonly string[]
  readonly monitorPolicies?: readonly string[]
  readonly clientPolicies?: readonly string[]
  readonly registryServerPolicies?: readonly string[]
  readonly registryClientPolicies?: readonly string[]
  readonly policiesDryRun: readonly string[]
  readonly policyRecord: string | undefined
  /** Without identities there is nothing that policies could go by. */
  readonly insecure?: boolean
}

/** Policies for the chains of a daemon; undefined where nothing is asked. */
export interface DaemonPolicies {
  /** For `endpoint` and what is made of it. */
  readonly server: AuthorizeOptions | undefined
  /** For `client`. */
  readonly client: AuthorizeAnswerOptions | undefined
  /** For `memoryRegistries` and `managerRegistries`. */
  readonly registryServer: RegistrationOptions | undefined
  /** For `registryClient` and `managerRegistries`. */
  readonly registryClient: RegistryAnswerOptions | undefined
}

/** Loads the policies that a daemon's settings name, follows their files, and counts what they decide. */
export async function daemonPolicies(
  daemon: Pick<Daemon<DaemonSettings>, "log" | "clock" | "metrics" | "use"> & {
    readonly config: PolicyConfig
  },
): Promise<DaemonPolicies> {
  const { config, log, clock, metrics, use } = daemon
  const { name, policiesDryRun: dryRun, policyRecord: folder, insecure = false } = config
  const decisions = new Counter({
    name: "nsm_policy_decisions_total",
    help: "What policies decided about calls",
    labelNames: ["policy", "decision"],
    registers: [metrics],
  })
  const loadFailures = new Counter({
    name: "nsm_policy_load_failures_total",
    help: "Times that a policy could not be loaded; the last good one holds meanwhile",
    labelNames: ["policy"],
    registers: [metrics],
  })
  const recording =
    folder === undefined || insecure
      ? undefined
      : use("policy recording", policyRecording({ folder, name, log }))
  const verifier = verifiedTokens({ clock })
  const loadedNames = new Set<string>()

  const at = async (
    point: PolicyPoint,
    entries: readonly string[] = [],
  ): Promise<Policies | undefined> => {
    if (insecure || entries.length === 0) return undefined
    const onLoadFailure = (policy: string): void => loadFailures.inc({ policy })
    const loaded = use("policies", await loadPolicies(entries, { clock, log, onLoadFailure }))
    for (const policy of loaded.policies) loadedNames.add(policy.name)
    return policies({
      point,
      policies: loaded.policies,
      verifier,
      isDryRun: (policy) => dryRun.includes("all") || dryRun.includes(policy),
      onDecision: (policy, decision) => decisions.inc({ policy, decision }),
      record: recording?.record,
    })
  }

  const requests = await at("server", config.serverPolicies)
  const watches = await at("monitor", config.monitorPolicies)
  const answers = await at("client", config.clientPolicies)
  const registrations = await at("registry-server", config.registryServerPolicies)
  const registryAnswers = await at("registry-client", config.registryClientPolicies)
  checkNames(insecure ? [] : dryRun, loadedNames)
  return {
    server: requests || watches ? { requests, watches } : undefined,
    client: answers && { answers },
    registryServer: registrations && { registrations },
    registryClient: registryAnswers && { answers: registryAnswers },
  }
}

/** Whoever misspells a policy believes that it is on trial, while it denies. */
function checkNames(dryRun: readonly string[], loaded: ReadonlySet<string>): void {
  const unknown = dryRun.filter((name) => name !== "all" && !loaded.has(name))
  if (unknown.length === 0) return
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `NSM_POLICIES_DRY_RUN names ${unknown.join(", ")}, but there are ${[...loaded].join(", ") || "none"}`,
  )
}
