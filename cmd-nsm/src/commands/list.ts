import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { livePlaygrounds } from "../session/playgrounds.ts"
import type { Status } from "../playground/status.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { table } from "../view/table.ts"

/** A playground in few words. The shape of `nsm list -o json`. */
interface Listed {
  readonly name: string
  /** Whether it answers; it does not while it comes up or goes down. */
  readonly answers: boolean
  readonly nodes: number
  readonly workloads: number
  readonly wires: { readonly up: number; readonly wanted: number }
}

/** Prints which playgrounds of this user are up. */
export async function list(format: Format): Promise<void> {
  const playgrounds = await Promise.all((await livePlaygrounds()).map(listed))
  if (format === "json") return printJson({ schemaVersion: 1, playgrounds })
  if (playgrounds.length === 0) return print("No playground is up. Start one: nsm up")
  const rows = playgrounds.map(({ name, answers, nodes, workloads, wires }) =>
    answers
      ? [name, `${nodes}`, `${workloads}`, `${wires.up} of ${wires.wanted}`]
      : [name, "-", "-", "does not answer"],
  )
  print(table(["PLAYGROUND", "NODES", "WORKLOADS", "WIRES UP"], rows))
}

async function listed(name: string): Promise<Listed> {
  try {
    const { nodes, workloads, wires } = await ask<Status>(sessionDirectory(name), "status")
    const up = wires.filter(({ state }) => state === "up").length
    const [nodeCount, workloadCount] = [nodes.length, workloads.length]
    const counts = { nodes: nodeCount, workloads: workloadCount }
    return { name, answers: true, ...counts, wires: { up, wanted: wires.length } }
  } catch {
    return { name, answers: false, nodes: 0, workloads: 0, wires: { up: 0, wanted: 0 } }
  }
}
