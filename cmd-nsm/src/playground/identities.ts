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

/** Starts an authority, unless the user has an agent such as SPIRE, or wants no identities. */
export async function startIdentities({
  place,
  directory,
  env = process.env,
}: StartIdentitiesOptions): Promise<Identities> {
  const given = ["SPIFFE_ENDPOINT_SOCKET", "NSM_INSECURE"].flatMap((name) => {
    const value = env[name] ?? ""
    return value === "" ? [] : [[name, value] as const]
  })
  if (given.length > 0) {
    return {
      authority: undefined,
      settings: Object.fromEntries(given),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
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
    settings: { SPIFFE_ENDPOINT_SOCKET: url },
    [Symbol.asyncDispose]: () => authority[Symbol.asyncDispose](),
  }
}
