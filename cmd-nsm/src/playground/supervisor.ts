import { once } from "node:events"
import { systemClock } from "@nsm/sdk"
import type { ControlVerb } from "../session/control.ts"
import { directoryAt } from "../session/directory.ts"
import type { Topology } from "../topology/topology.ts"
import { controlServer, type Handler } from "./control-server.ts"
import { kernelState } from "./kernel-state.ts"
import { pingWires } from "./ping.ts"
import { Playground } from "./playground.ts"

// Process 1 of a playground's PID namespace: holds the namespaces, starts the daemons, and takes
// commands on the control socket. When it ends, the kernel ends all that it started.

const [path = ".", tied] = process.argv.slice(2)
const directory = directoryAt(path)
let playground: Playground | undefined

const standing = (): Playground => {
  if (!playground) throw new Error("the playground is not up yet")
  return playground
}

const handlers: Readonly<Record<ControlVerb, Handler>> = {
  async up(body, step) {
    const topology = body as Topology
    playground = new Playground(topology, directory.path)
    await playground.start(step)
    await playground.add(topology, step)
  },
  add: (body, step) => standing().add(body as Partial<Topology>, step),
  status: () => standing().status(),
  async ping(body) {
    const { count = 3 } = body as { count?: number }
    return pingWires(await standing().wires(), standing().namespaces, count, systemClock)
  },
  async close(_body, step) {
    await standing().closeWires()
    step("all wires are closed")
    return kernelState(standing().namespaces)
  },
  namespaces: async () =>
    Object.fromEntries([...standing().namespaces].map(([of, { fd }]) => [of, fd])),
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

const server = controlServer(handlers).listen(directory.controlSocket)
await once(server, "listening")

const stop = (): void => void end().finally(() => process.exit(0))
process.once("SIGTERM", stop).once("SIGINT", stop)
// The process that started a tied playground holds the other end of this pipe.
if (tied === "tied") process.stdin.resume().once("end", stop).once("error", stop)
