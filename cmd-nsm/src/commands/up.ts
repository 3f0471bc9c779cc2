import { NsmError } from "@nsm/sdk"
import type { WireStatus } from "../playground/status.ts"
import { claimDirectory } from "../session/claim.ts"
import { ask } from "../session/control.ts"
import { removeDirectory, sessionDirectory } from "../session/directory.ts"
import { type Launched, launch } from "../session/launch.ts"
import { removeStale } from "../session/playgrounds.ts"
import { writeRecord } from "../session/record.ts"
import type { Topology } from "../topology/topology.ts"
import type { Context } from "./command.ts"

/** A playground that has been brought up. */
export interface Up extends Launched {
  /** The clients' wires, of which some may be missing. */
  readonly wires: readonly WireStatus[]
}

/**
 * Starts a playground. A `tied` one ends with this process. Whatever goes wrong on the way, and
 * whoever gives up, takes all of it away again; a wire that nobody grants is not wrong.
 */
export async function up(
  topology: Topology,
  { progress, signal }: Context,
  tied = false,
): Promise<Up> {
  for (const name of await removeStale())
    progress.warn(`removed what a killed playground "${name}" had left`)
  const directory = sessionDirectory(topology.name)
  signal.throwIfAborted()
  if (!(await claimDirectory(directory))) {
    throw new NsmError("ADDRESS_IN_USE", `a playground "${topology.name}" is up already`, {
      remedy: `End it: nsm down ${topology.name}; or give this one another name with -n.`,
    })
  }
  let launched: Launched | undefined
  const stop = (): void => void launched?.process.kill("SIGKILL")
  signal.addEventListener("abort", stop)
  try {
    launched = await launch(directory, tied)
    signal.throwIfAborted()
    await writeRecord(directory, { pid: launched.pid, isStarting: false })
    return { ...launched, wires: await ask(directory, "up", topology, progress.step) }
  } catch (thrown) {
    stop()
    await removeDirectory(directory)
    throw signal.aborted ? signal.reason : thrown
  } finally {
    signal.removeEventListener("abort", stop)
  }
}
