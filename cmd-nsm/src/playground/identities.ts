import { Daemon, type Place } from "./daemon.ts"

/** Where the daemons of a playground have their identities from. */
export interface Identities extends AsyncDisposable {
  /** The playground's own authority; undefined where another agent serves. */
  readonly authority: Daemon | undefined
  /** Variables that every other daemon gets. */
  readonly settings: Readonly<Record<string, string>>
}

/** Where identities come from. */
export interface StartIdentitiesOptions {
  readonly place: Place
  /** Folder for sockets, logs and the authority's keys. */
  readonly directory: string
  /** Variables of the one who brings the playground up. @default those of this process */
  readonly env?: NodeJS.ProcessEnv
}

/** What the user may say about policies of all daemons. */
const policyVariables = [
  "NSM_SERVER_POLICIES",
  "NSM_CLIENT_POLICIES",
  "NSM_MONITOR_POLICIES",
  "NSM_REGISTRY_SERVER_POLICIES",
  "NSM_REGISTRY_CLIENT_POLICIES",
  "NSM_POLICIES_DRY_RUN",
  "NSM_POLICY_RECORD",
]

/**
 * Starts an authority, unless the user has an agent such as SPIRE, or wants no identities; hands on
 * what the user says about policies.
 */
export async function startIdentities({
  place,
  directory,
  env = process.env,
}: StartIdentitiesOptions): Promise<Identities> {
  const given = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  const policies = given(policyVariables)
  if (env["NSM_INSECURE"] === "true") return outside({ NSM_INSECURE: "true" })
  if (env["SPIFFE_ENDPOINT_SOCKET"]) {
    return outside({ ...policies, ...given(["SPIFFE_ENDPOINT_SOCKET"]) })
  }
  const url = `unix://${directory}/authority.sock`
  const authority = new Daemon({
    ...{ name: "authority", program: "cmd-authority", place, directory },
    settings: { NSM_LISTEN_ON: url, NSM_STATE_DIRECTORY: `${directory}/authority` },
  })
  try {
    await authority.ready()
  } catch (failure) {
    await authority[Symbol.asyncDispose]()
    throw failure
  }
  return {
    authority,
    settings: { ...policies, SPIFFE_ENDPOINT_SOCKET: url },
    [Symbol.asyncDispose]: () => authority[Symbol.asyncDispose](),
  }
}

function outside(settings: Readonly<Record<string, string>>): Identities {
  return { authority: undefined, settings, [Symbol.asyncDispose]: () => Promise.resolve() }
}
