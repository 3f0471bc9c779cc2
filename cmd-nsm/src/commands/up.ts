import { readFile } from "node:fs/promises"
import { NsmError } from "@nsm/sdk"
import { ask } from "../session/control.ts"
import {
  liveRecord,
  makeDirectory,
  removeDirectory,
  removeStale,
  sessionDirectory,
  writeRecord,
} from "../session/directory.ts"
import { type Launched, launch } from "../session/launch.ts"
import { demoTopology } from "../topology/demo.ts"
import { parseTopology } from "../topology/parse.ts"
import type { Topology } from "../topology/topology.ts"
import type { Context } from "./command.ts"

/** The topology in a file, or the one of the demo. */
export async function loadTopology(file: string | undefined): Promise<Topology> {
  if (file === undefined) return { ...demoTopology, name: "default" }
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `the topology file ${file} cannot be read; name one with -f`,
      { cause },
    )
  })
  return parseTopology(text, file)
}

/**
 * Starts a playground. A `tied` one ends with this process. Whatever goes wrong on the way, and
 * whoever gives up, takes all of it away again.
 */
export async function up(
  topology: Topology,
  { progress, signal }: Context,
  tied = false,
): Promise<Launched> {
  for (const name of await removeStale())
    progress.warn(`removed what a killed playground "${name}" had left`)
  const directory = sessionDirectory(topology.name)
  if (await liveRecord(directory)) {
    throw new NsmError(
      "ADDRESS_IN_USE",
      `a playground "${topology.name}" is up already; end it with: nsm down ${topology.name}`,
    )
  }
  signal.throwIfAborted()
  await makeDirectory(directory)
  let launched: Launched | undefined
  const stop = (): void => void launched?.process.kill("SIGKILL")
  signal.addEventListener("abort", stop)
  try {
    launched = await launch(directory, tied)
    signal.throwIfAborted()
    await writeRecord(directory, launched.pid)
    await ask(directory, "up", topology, progress.step)
    return launched
  } catch (thrown) {
    stop()
    await removeDirectory(directory)
    throw signal.aborted ? signal.reason : thrown
  } finally {
    signal.removeEventListener("abort", stop)
  }
}
