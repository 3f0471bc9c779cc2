import assert from "node:assert/strict"
import { setTimeout as wait } from "node:timers/promises"
import { becomes } from "../lab/becomes.ts"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"

describe("a wire whose workload goes without a word", function () {
  this.timeout(60_000)
  let lab: Lab
  let node: LabNode
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
  })
  after(() => lab?.[Symbol.asyncDispose]())

  it("goes from the endpoint and from every hop when the client's namespace has gone", async () => {
    const { url: namespaceUrl } = lab.addNetwork("client")
    await using clients = lab.clients(node)
    const connection = await clients.request({ id: "vanishing", namespaceUrl })
    assert.equal(lab.interfaces("nse-1").length, 1)
    lab.dropNetwork("client")
    await becomes(() => lab.interfaces("nse-1"), [])
    await becomes(() => connectionsAt(node.forwarder), 0)
    await clients.close(connection)
    assert.deepEqual(await connectionsAt(node.manager), 0)
  })

  it("goes when the client was killed and its time has run out", async () => {
    const settings = { NSM_MAX_TOKEN_LIFETIME: "3s" }
    const nsc = lab.addClient("nsc-1", node, "kernel://icmp-responder/nsm-1", { settings })
    await nsc.process.ready()
    assert.equal(lab.interfaces("nsc-1").length, 1)
    nsc.process.kill("SIGKILL")
    await nsc.process.exited()
    await becomes(() => [...lab.interfaces("nsc-1"), ...lab.interfaces("nse-1")], [])
    await becomes(() => connectionsAt(node.manager), 0)
    await becomes(() => connectionsAt(node.forwarder), 0)
  })

  it("stays while the client refreshes, beyond the time that its first request had", async () => {
    const settings = { NSM_MAX_TOKEN_LIFETIME: "4s" }
    const nsc = lab.addClient("nsc-2", node, "kernel://icmp-responder/nsm-1", { settings })
    await nsc.process.ready()
    for (let looked = 0; looked < 12; looked++) {
      await wait(500)
      assert.deepEqual(lab.interfaces("nsc-2"), ["nsm-1"])
    }
    await nsc.process[Symbol.asyncDispose]()
    assert.deepEqual([...lab.interfaces("nsc-2"), ...lab.interfaces("nse-1")], [])
  })
})
