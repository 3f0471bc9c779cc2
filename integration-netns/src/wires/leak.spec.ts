import assert from "node:assert/strict"
import { setTimeout as wait } from "node:timers/promises"
import { Lab, type LabNode } from "../lab/lab.ts"
import type { LabProcess } from "../lab/lab-process.ts"
import { needsPrivilege } from "../lab/privilege.ts"

const cycles = 200
/** What the collector leaves: code that got warm, and the sawtooth of the young generation. */
const heapTolerance = 1.5 * 2 ** 20
/**
 * Sockets close, and the kernel deletes, a little after the answer; the file that comes with a renewed
 * registration is let go after ten seconds.
 */
const settleLimitMs = 15_000

/** What processes hold, by their names, in numbers that must come back. */
interface Base {
  readonly heapBytes: Readonly<Record<string, number>>
  readonly counted: Readonly<Record<string, Readonly<Record<string, number>>>>
}

describe("200 requests and closes", function () {
  this.timeout(180_000)
  let lab: Lab
  const nodes: LabNode[] = []
  let processes: LabProcess[]
  before(needsPrivilege)
  before(async () => {
    const probed = { isProbed: true }
    lab = await Lab.up({ registry: probed })
    for (const name of ["node-1", "node-2"]) {
      nodes.push(await lab.addNode(name, { manager: probed, forwarder: probed }))
    }
    const [first] = nodes
    assert.ok(first)
    const { process: endpoint } = await lab.addEndpoint("nse-1", first, probed)
    processes = [
      lab.registry,
      ...nodes.flatMap(({ manager, forwarder }) => [manager, forwarder]),
      endpoint,
    ]
    lab.addNetwork("client")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  for (const [index, kind] of ["within a node", "across nodes"].entries()) {
    it(`of a wire ${kind} leave interfaces, descriptors, timers and heap as they were`, async () => {
      const node = nodes[index]
      assert.ok(node)
      await using clients = lab.clients(node)
      const run = async (count: number, round: string): Promise<void> => {
        const { url: namespaceUrl } = lab.network("client")
        for (let cycle = 0; cycle < count; cycle++) {
          const id = `${round}-${index}-${cycle}`
          await clients.close(await clients.request({ id, namespaceUrl }))
        }
      }
      // What is made once, such as channels and caches, belongs to the base.
      await run(cycles / 2, "warm-up")
      const before = await base(processes)
      await run(cycles, "measured")
      const after = await settled(processes, before)
      assert.deepEqual(grown(before, after), [])
      assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
      for (const [name, bytes] of Object.entries(after.heapBytes)) {
        const grown = bytes - (before.heapBytes[name] ?? 0)
        assert.ok(grown < heapTolerance, `${name} has ${grown} bytes more on its heap`)
      }
    })
  }
})

async function base(processes: readonly LabProcess[]): Promise<Base> {
  const heapBytes: Record<string, number> = {}
  const counted: Record<string, Record<string, number>> = {}
  for (const process of processes) {
    const { descriptors, name } = process
    const holds = await process.holdings()
    heapBytes[name] = holds.heapBytes
    counted[name] = { ...holds.resources, descriptors }
  }
  return { heapBytes, counted }
}

/** What they hold when it is as before, or after some time. */
async function settled(processes: readonly LabProcess[], before: Base): Promise<Base> {
  for (const until = Date.now() + settleLimitMs; ; await wait(200)) {
    const now = await base(processes)
    if (Date.now() > until || grown(before, now).length === 0) return now
  }
}

/** What there is more of than before. What a process needed only at its start may be less. */
function grown(before: Base, after: Base): readonly string[] {
  return Object.entries(after.counted).flatMap(([name, counts]) =>
    Object.entries(counts).flatMap(([what, count]) => {
      const was = before.counted[name]?.[what] ?? 0
      return count > was ? [`${name} has ${count} of ${what}, and had ${was}`] : []
    }),
  )
}
