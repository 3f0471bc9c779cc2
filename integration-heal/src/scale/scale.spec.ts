import assert from "node:assert/strict"
import { fatter, grown, heldAgain, heldBy, Lab, needsPrivilege } from "@nsm/integration-netns"
import { endpointCycles } from "./endpoint-cycles.ts"
import { managerRestart } from "./manager-restart.ts"

/** As many as fit; the benchmark does 600. */
const cycles = 100
/** Of what every cycle left there would be as many as cycles; a few more or less are of the moment. */
const allowance = cycles / 10
/** What the collector leaves: code that got warm, and the sawtooth of the young generation. */
const heapTolerance = cycles * 20 * 2 ** 10
const connections = 200

describe("scale", function () {
  this.timeout(180_000)
  before(needsPrivilege)

  it(`${cycles} endpoints that come and go leave interfaces, descriptors, streams, timers and heap as they were`, async () => {
    const probed = { isProbed: true }
    await using lab = await Lab.up({ registry: probed })
    const node = { manager: probed, forwarder: probed }
    const nodes = [await lab.addNode("node-1", node), await lab.addNode("node-2", node)] as const
    const processes = [lab.registry, ...nodes.flatMap((each) => [each.manager, each.forwarder])]
    // What is made once, such as channels and caches, belongs to the base.
    await endpointCycles({ lab, nodes, round: "warm-up" }, cycles / 2)
    const before = await heldBy(processes)
    await endpointCycles({ lab, nodes, round: "measured" }, cycles)
    const after = await heldAgain(processes, before, allowance)
    assert.deepEqual(grown(before, after, allowance), [])
    assert.deepEqual(fatter(before, after, heapTolerance), [])
    for (const { name } of nodes) assert.deepEqual(lab.interfaces(name), ["underlay"])
  })

  it(`${connections} connections are back after their manager has restarted`, async () => {
    const { isWhole, wholeMs } = await managerRestart(connections)
    assert.ok(isWhole)
    assert.ok(wholeMs < 30_000, `${wholeMs} ms`)
  })
})
