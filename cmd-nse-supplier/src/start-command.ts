import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import type { Clock } from "@nsm/sdk"
import type { Wanted } from "./wanted.ts"

/**
 * What was started for an endpoint. Disposing ends it with all processes that it has started; what it
 * left behind when it ended by itself goes on.
 */
export interface Started extends AsyncDisposable {
  /** How it ended. It never rejects. */
  readonly end: Promise<CommandEnd>
}

/** The end of a command. */
export interface CommandEnd {
  /** Whether it ended in order, as a command does that has left its endpoint to somebody else. */
  readonly isOrderly: boolean
  /** In words. */
  readonly how: string
}

/** What commands are started with. */
export interface StartCommandOptions {
  /** For /bin/sh. */
  readonly command: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/** How long it may take to end in order. */
const patienceMs = 5000

/** The supplier's own settings, which would make what it starts another supplier of the same name. */
const own =
  /^NSM_(NAME|SERVICE_NAMES|LABELS|LISTEN_ON|HTTP_LISTEN_ON|UNREGISTER_ITSELF|SUPPLY_\w+)$/

/** Starts the command for an endpoint of that name; its output is the supplier's. */
export function startCommand(
  { service, node }: Wanted,
  name: string,
  { command, environment, clock }: StartCommandOptions,
): Started {
  const inherited = Object.entries(environment).filter(([variable]) => !own.test(variable))
  const child = spawn("/bin/sh", ["-c", command], {
    // A group of its own, so that it ends as a whole.
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...Object.fromEntries(inherited),
      NSM_SUPPLY_SERVICE: service,
      NSM_SUPPLY_NODE: node,
      NSM_SUPPLY_NAME: name,
      NSM_NAME: name,
      NSM_SERVICE_NAMES: service,
      // The service is there, with match rules that must not be written over.
      NSM_REGISTER_SERVICE: "false",
      // Nobody is to be led to an endpoint that has ended.
      NSM_UNREGISTER_ITSELF: "true",
    },
  })
  const end = endOf(child)
  return {
    end,
    async [Symbol.asyncDispose]() {
      signalGroup(child, "SIGTERM")
      using _force = clock.schedule(patienceMs, () => signalGroup(child, "SIGKILL"))
      await end
    },
  }
}

async function endOf(child: ChildProcess): Promise<CommandEnd> {
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null]
    const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`
    return { isOrderly: code === 0, how }
  } catch (failure) {
    return { isOrderly: false, how: `could not be started: ${String(failure)}` }
  }
}

function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has gone this moment.
  }
}
