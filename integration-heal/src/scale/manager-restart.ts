import { setTimeout as wait } from "node:timers/promises"
import { connectionsAt, drive, Lab, nullForwarderFile } from "@nsm/integration-netns"

/** What became of the connections of a manager that was killed and started again. */
export interface ManagerRestart {
  /** Whether the manager had all of them again in time, and the endpoint never other ones. */
  readonly isWhole: boolean
  /** From its death until it was ready. */
  readonly readyMs: number
  /** From its death until it had all of them again. */
  readonly wholeMs: number
  /** Processor time of the new manager by then. */
  readonly processorSeconds: number
  /** Its resident memory then. */
  readonly residentBytes: number
}

const patienceMs = 60_000

/**
 * Kills a manager that has many connections and starts it again. Its clients are in this process and
 * say that their wires live; the forwarder makes none, so that it is fast.
 */
export async function managerRestart(count: number): Promise<ManagerRestart> {
  await using lab = await Lab.up()
  const { manager, ...node } = await lab.addNode("node-1", {
    forwarder: { file: nullForwarderFile },
  })
  const endpoint = await lab.addEndpoint("nse-1", { manager, ...node })
  const { url: namespaceUrl } = endpoint.namespace
  await using clients = lab.clients(node, { healing: { liveness: async () => true } })
  await drive({ count, inFlight: 16 }, (index) =>
    clients.request({ id: `client-${index}`, namespaceUrl }),
  )
  const from = performance.now()
  await manager.end()
  await manager.start().ready()
  const readyMs = performance.now() - from
  while ((await connectionsAt(manager)) < count && performance.now() - from < patienceMs) {
    await wait(20)
  }
  const wholeMs = performance.now() - from
  const { processorSeconds, residentBytes } = manager
  const counts = await Promise.all([manager, endpoint.process].map(connectionsAt))
  const isWhole = counts.every((each) => each === count)
  return { isWhole, readyMs, wholeMs, processorSeconds, residentBytes }
}
