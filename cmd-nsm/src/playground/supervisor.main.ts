import { once } from "node:events"
import { NsmError, systemClock } from "@nsm/sdk"
import type { ControlVerb } from "../session/control.ts"
import { directoryAt } from "../session/directory.ts"
import type { Topology } from "../topology/topology.ts"
import type { Addition } from "./grow.ts"
import { auditNodes } from "./audit.ts"
import { controlServer, type Handler } from "./control-server.ts"
import { kernelState } from "./kernel-state.ts"
import { pingWires } from "./ping.ts"
import { type EndOptions, Playground } from "./playground.ts"
import { recordPath } from "./record-path.ts"
import type { SelectionFactsOptions } from "./selection-facts.ts"

// Process 1 of a playground's PID namespace: holds the namespaces, starts the daemons, and takes
// commands on the control socket. When it ends, the kernel ends all that it started.

/** How long a supervisor waits for being told what to bring up. */
const unaskedMs = 30_000

const [path = ".", tied] = process.argv.slice(2)
const directory = directoryAt(path)
let playground: Playground | undefined

const current = (): Playground => {
  if (playground) return playground
  throw new NsmError("PEER_UNREACHABLE", `the playground "${directory.name}" is not up yet`)
}

const handlers: Readonly<Record<ControlVerb, Handler>> = {
  async up(body, step, signal) {
    clearTimeout(unasked)
    // Who brings it up and is killed half-way would leave something that nobody knows.
    signal.addEventListener("abort", stop)
    const topology = body as Topology
    playground = new Playground(topology, directory.path)
    await playground.start(step)
    return playground.add(topology, step)
  },
  add: async (body, step) => current().add(body as Addition, step),
  async remove(body, step) {
    for (const name of (body as { names: string[] }).names) {
      await current().remove(name)
      step(`${name} is gone`)
    }
  },
  kill: async (body, step) => current().kill(body as EndOptions, step),
  restart: async (body, step) => current().restart(body as EndOptions, step),
  status: async () => current().status(),
  async ping(body) {
    const { count = 3 } = body as { count?: number }
    const { namespaces } = current().standing
    return pingWires(await current().wires(), namespaces, count, systemClock)
  },
  async path(body) {
    const { wire } = body as { wire: string }
    const { daemons } = current().standing
    return recordPath({ wire, wires: await current().wires(), daemons, now: Date.now() })
  },
  selection: async (body) => current().selection(body as SelectionFactsOptions),
  audit: async () => auditNodes(current().standing),
  async close(_body, step) {
    const { standing } = current()
    await standing.closeWires()
    step("all wires are closed")
    return kernelState(standing.namespaces)
  },
  namespaces: async () =>
    Object.fromEntries([...current().standing.namespaces].map(([of, { fd }]) => [of, fd])),
  async down(_body, step) {
    await end()
    step("all processes have ended")
    setImmediate(() => process.exit(0))
  },
}

async function end(): Promise<void> {
  await playground?.[Symbol.asyncDispose]()
  playground = undefined
}

const stop = (): void => void end().finally(() => process.exit(0))
const unasked = setTimeout(stop, unaskedMs)

const server = controlServer(handlers).listen(directory.controlSocket)
await once(server, "listening")

process.once("SIGTERM", stop).once("SIGINT", stop)
// The process that started a tied playground holds the other end of this pipe.
if (tied === "tied") process.stdin.resume().once("end", stop).once("error", stop)
