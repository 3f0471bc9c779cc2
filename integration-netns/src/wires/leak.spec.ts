import assert from "node:assert/strict"
import { drive } from "../bench/drive.ts"
import { fatter, grown, heldAgain, heldBy } from "../lab/held.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import type { LabProcess } from "../lab/lab-process.ts"
import { needsPrivilege } from "../lab/privilege.ts"

const cycles = 200
const inFlight = 4
/** What the collector leaves: code that got warm, and the sawtooth of the young generation. */
const heapTolerance = 1.5 * 2 ** 20

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
        // The kernel takes its time to delete an interface, and does so for several at once.
        await drive({ count, inFlight }, async (cycle) => {
          const id = `${round}-${index}-${cycle}`
          const interfaceName = `wire-${cycle}`
          await clients.close(await clients.request({ id, namespaceUrl, interfaceName }))
        })
      }
      // What is made once, such as channels and caches, belongs to the base.
      await run(cycles / 2, "warm-up")
      const before = await heldBy(processes)
      await run(cycles, "measured")
      const after = await heldAgain(processes, before)
      assert.deepEqual(grown(before, after), [])
      assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
      assert.deepEqual(fatter(before, after, heapTolerance), [])
    })
  }
})
