import assert from "node:assert/strict"
import type { Connection } from "@nsm/api"
import { type Audit, deleteInterface, Links } from "@nsm/sdk-kernel"
import { becomes } from "../lab/becomes.ts"
import type { Clients } from "../lab/clients.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import type { LabProcess } from "../lab/lab-process.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { outageOf } from "../traffic/packets.ts"
import { Traffic } from "../traffic/traffic.ts"

const patienceMs = 10_000

describe("a wire whose forwarder starts anew", function () {
  this.timeout(90_000)
  let lab: Lab
  const nodes = new Map<string, LabNode>()
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    for (const name of ["node-1", "node-2"]) nodes.set(name, await lab.addNode(name))
    await lab.addEndpoint("nse-1", node("node-1"))
    lab.addNetwork("client")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  const node = (name: string): LabNode => {
    const found = nodes.get(name)
    assert.ok(found, name)
    return found
  }

  const cases = [
    { title: "within a node", at: "node-1", restarted: ["node-1"] },
    { title: "across nodes, at the client", at: "node-2", restarted: ["node-2"] },
    { title: "across nodes, at the endpoint", at: "node-2", restarted: ["node-1"] },
    { title: "across nodes, at both ends", at: "node-2", restarted: ["node-1", "node-2"] },
  ] as const
  for (const { title, at, restarted } of cases) {
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      it(`${title} is the same after ${signal}, and loses no packet`, async () => {
        await withTraffic(at, async ({ ask, traffic }) => {
          const before = wire()
          const forwarders = restarted.map((name) => node(name).forwarder)
          await Promise.all(forwarders.map((forwarder) => forwarder.end(signal)))
          await Promise.all(forwarders.map((forwarder) => forwarder.start().ready()))
          await ask()
          assert.deepEqual(wire(), before)
          assert.ok(await traffic.flows(Date.now(), patienceMs))
        })
        for (const { forwarder } of nodes.values()) {
          assert.deepEqual(await audited(forwarder), { wires: 0, orphans: [], missing: [] })
        }
      })
    }
  }

  it("is taken over by another forwarder of the node when its own dies for good", async () => {
    const old = node("node-1").forwarder
    await withTraffic("node-1", async ({ ask }) => {
      const before = wire()
      const other = await lab.addForwarder("other", node("node-1"))
      await old.end()
      await ask()
      assert.deepEqual(wire(), before)
      assert.deepEqual(await audited(other), { wires: 1, orphans: [], missing: [] })
    })
    await lab.forwarders(node("node-1")).at(-1)?.end("SIGTERM")
    await old.start().ready()
  })

  it("is told to be lost when somebody deletes it, and is made anew by the next request", async () => {
    const { forwarder } = node("node-2")
    await using clients = lab.clients(node("node-2"))
    const granted = await clients.request({ id: "nsc-0", namespaceUrl: lab.network("client").url })
    await deleteInterface(lab.network("client"), "nsm-1")
    await forwarder.logged(/its interface was lost/)
    const { missing } = await audited(forwarder)
    assert.deepEqual(missing, ["nsm-1"])
    await clients.request({ id: "nsc-0", namespaceUrl: lab.network("client").url })
    assert.deepEqual(lab.interfaces("client"), ["nsm-1"])
    assert.deepEqual((await audited(forwarder)).missing, [])
    await clients.close(granted)
  })

  it("goes with the grace when nobody asks for it any more", async () => {
    const namespace = lab.network("client")
    // a forwarder looks where processes are
    await using _inhabitant = await Traffic.in(namespace)
    const place = node("node-2")
    await using clients = lab.clients(place)
    const granted = await eventually(clients, namespace.url)
    await place.forwarder.end()
    const settings = { NSM_ORPHAN_GRACE: "100ms", NSM_RECONCILE_INTERVAL: "50ms" }
    const hasty = await lab.addForwarder("hasty", place, { settings })
    await becomes(() => lab.interfaces("client"), [])
    assert.equal(lab.interfaces("nse-1").length, 1, "the other node's half is its forwarder's")
    await hasty.end("SIGTERM")
    await place.forwarder.start().ready()
    await eventually(clients, namespace.url)
    await clients.close(granted)
  })

  /** Has packets go through a wire to the endpoint while something is done, and sees that none is lost. */
  async function withTraffic(
    from: string,
    use: (wire: { ask: () => Promise<Connection>; traffic: Traffic }) => Promise<void>,
  ): Promise<void> {
    const namespace = lab.network("client")
    await using clients = lab.clients(node(from))
    const ask = () => eventually(clients, namespace.url)
    const granted = await ask()
    await using traffic = await Traffic.in(namespace)
    const ip = granted.context?.ipContext
    await traffic.begin((ip?.dstIpAddrs ?? []).map((address) => address.split("/")[0] ?? ""))
    const since = Date.now()
    assert.ok(await traffic.flows(since, patienceMs))
    await use({ ask, traffic })
    assert.ok(await traffic.flows(Date.now(), patienceMs))
    const lost = (await traffic.end()).map((packets) => outageOf(packets, since).lost)
    assert.deepEqual(lost, [0, 0])
    await clients.close(granted)
    await becomes(() => [lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
  }

  /** Names and numbers of the interfaces at both ends. */
  function wire(): readonly string[] {
    return ["client", "nse-1"].flatMap((name) =>
      new Links(lab.network(name))
        .list()
        .filter((link) => link.name !== "lo")
        .map((link) => `${name} ${link.index} ${link.name}`),
    )
  }
})

/** Asks for the wire until the answer is yes: hops find each other again at their own pace. */
async function eventually(clients: Clients, namespaceUrl: string): Promise<Connection> {
  const failures: unknown[] = []
  for (const until = Date.now() + patienceMs; Date.now() < until;) {
    try {
      return await clients.request({ id: "nsc-0", namespaceUrl })
    } catch (failure) {
      failures.push(failure)
    }
  }
  throw new AggregateError(
    failures.slice(-1),
    `no wire in ${patienceMs} ms: ${String(failures.at(-1))}`,
  )
}

/** What a forwarder says of the kernel, in short. */
async function audited(forwarder: LabProcess) {
  const { wires, orphans, missing } = JSON.parse(await forwarder.page("/audit")) as Audit
  return {
    wires: wires.length,
    orphans: orphans.filter(({ removedAt }) => removedAt === undefined),
    missing: missing.map((one) => one.interface),
  }
}
