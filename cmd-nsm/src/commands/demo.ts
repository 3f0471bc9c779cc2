import { NsmError } from "@nsm/sdk"
import type { NamespaceState } from "../playground/kernel-state.ts"
import type { PingResult, Status } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { demoTopology } from "../topology/demo.ts"
import { drawing } from "../view/drawing.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { identityTable, wireTable } from "../view/status-table.ts"
import type { Context } from "./command.ts"
import { down } from "./down.ts"
import { holdNamespaces } from "./hold-namespaces.ts"
import { leftovers } from "./leftovers.ts"
import { up } from "./up.ts"

/** Brings the demo's mesh up, sends packets through its wires, shows all, and takes it away again. */
export async function demo(format: Format, context: Context): Promise<void> {
  const started = performance.now()
  const { progress, signal } = context
  const topology = { ...demoTopology, name: `demo-${process.pid}` }
  const directory = sessionDirectory(topology.name)
  progress.step(
    "two nodes, an endpoint on one, a client on each, every daemon a process of its own",
  )
  const stop = (): void => void down(topology.name, context)
  try {
    await up(topology, context, true)
    signal.addEventListener("abort", stop)
    const status = await ask<Status>(directory, "status")
    const pings = await ask<PingResult[]>(directory, "ping", { count: 5 })
    progress.step(`${pings.length} address pairs have been pinged from inside the clients`)
    if (format !== "json") {
      const parts = [drawing(status), wireTable(status.wires, pings), identityTable(status)]
      print(`\n${parts.join("\n\n")}\n`)
    }
    const state = await ask<NamespaceState[]>(directory, "close", {}, progress.step)
    await using _held = await holdNamespaces(directory)
    signal.removeEventListener("abort", stop)
    await down(topology.name, context)
    const left = await leftovers(state, directory)
    if (format === "json") {
      const seconds = Math.round(performance.now() - started) / 1000
      printJson({
        schemaVersion: 1,
        shared: status.shared,
        nodes: status.nodes,
        workloads: status.workloads,
        wires: status.wires,
        pings,
        afterClose: state,
        leftovers: left,
        seconds,
      })
    } else print(afterwards(state, left))
    judge(status, pings, left)
  } catch (thrown) {
    signal.removeEventListener("abort", stop)
    await down(topology.name, context)
    throw thrown
  }
}

function afterwards(state: readonly NamespaceState[], left: readonly string[]): string {
  const kept = state.map(({ name, interfaces }) => `  ${name.padEnd(12)} ${interfaces.join(", ")}`)
  return [
    "Interfaces that the kernel held after the wires were closed:",
    ...kept,
    left.length === 0
      ? "Nothing of the demo is left: no interface, namespace, process or file."
      : `Left behind:\n${left.map((what) => `  ${what}`).join("\n")}`,
  ].join("\n")
}

/** The demo has worked when every wire is up, every address answered, and nothing is left. */
function judge(status: Status, pings: readonly PingResult[], left: readonly string[]): void {
  const down = status.wires.filter(({ state }) => state !== "up")
  const silent = pings.filter(({ received }) => received === 0)
  const complaints = [
    status.wires.length === 0 ? "there are no wires" : "",
    down.length > 0 ? `${down.length} wires are not up` : "",
    pings.length < 2 * status.wires.length ? "not every wire has IPv4 and IPv6" : "",
    silent.length > 0 ? `${silent.length} addresses do not answer` : "",
    left.length > 0 ? `${left.length} things are left behind` : "",
  ].filter(Boolean)
  if (complaints.length > 0)
    throw new NsmError("INTERNAL", `the demo failed: ${complaints.join(", ")}`)
}
