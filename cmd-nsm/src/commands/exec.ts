import { spawn } from "node:child_process"
import { once } from "node:events"
import { constants } from "node:os"
import { NsmError } from "@nsm/sdk"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { liveRecord } from "../session/record.ts"

/**
 * Runs a command in the network of a workload or a node, with this terminal. Answers its status: as
 * in a shell 128 and more for a signal, 127 for a command that does not exist.
 */
export async function exec(
  name: string,
  where: string,
  command: readonly string[],
): Promise<number> {
  const directory = sessionDirectory(name)
  const namespaces = await ask<Record<string, number>>(directory, "namespaces")
  const record = await liveRecord(directory)
  const descriptor = namespaces[where]
  if (!record || descriptor === undefined) {
    const text = `"${where}" is neither a workload nor a node of "${name}"`
    const remedy = `Choose one of: ${Object.keys(namespaces).join(", ")}`
    throw new NsmError("NAMESPACE_NOT_FOUND", text, { remedy })
  }
  const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"]
  const child = spawn(
    "nsenter",
    [
      "--target",
      `${record.pid}`,
      ...user,
      "--mount",
      "--pid",
      `--net=/proc/${record.pid}/fd/${descriptor}`,
      "--",
      ...command,
    ],
    { stdio: "inherit" },
  )
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
  return status ?? (signal ? 128 + constants.signals[signal] : 1)
}
