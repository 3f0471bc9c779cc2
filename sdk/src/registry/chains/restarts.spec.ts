import assert from "node:assert/strict"
import { type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import { create } from "@bufbuild/protobuf"
import { testCall } from "../../testing/call.ts"
import { startDomain, type Domain } from "../../testing/domain/domain.ts"
import { endpointKind } from "../kind.ts"

describe("registrations in a domain", () => {
  let domain: Domain
  beforeEach(async () => {
    domain = await startDomain()
  })
  afterEach(async () => {
    await domain[Symbol.asyncDispose]()
    assert.equal(domain.clock.pending, 0, "timers are left")
  })
  const pass = (ms: number) => domain.pass(ms)
  const entry = async (name: string): Promise<NetworkServiceEndpoint | undefined> => {
    const query = endpointKind.query(create(NetworkServiceEndpointSchema, { name }), false)
    const call = testCall({ clock: domain.clock })
    for await (const answer of domain.registered?.endpoints.find(query, call) ?? []) {
      return answer.networkServiceEndpoint
    }
    return undefined
  }
  const outages = [0, 1000, 10_000, 300_000]

  for (const downMs of outages) {
    it(`are known to a manager that was down for ${downMs} ms within a second`, async () => {
      const node = await domain.node("here")
      await node.endpoint("echo-1", { service: "echo" })
      const client = node.client("client-1")
      await pass(10_000)
      await node.killManager()
      await pass(downMs)
      await node.startManager()
      await pass(1000)
      await client.request("echo")
    })

    it(`are in a registry that was down for ${downMs} ms within five seconds`, async () => {
      const [here, there] = [await domain.node("here"), await domain.node("there")]
      await there.endpoint("echo-1", { service: "echo" })
      const client = here.client("client-1")
      await pass(10_000)
      const before = await entry("echo-1")
      await domain.killRegistry()
      await pass(downMs)
      await domain.startRegistry()
      await pass(5000)
      await client.request("echo")
      assert.deepEqual(domain.registered?.entryCounts(), { services: 1, endpoints: 3 })
      const after = await entry("echo-1")
      assert.ok(before?.initialRegistrationTime)
      assert.deepEqual(after?.initialRegistrationTime, before.initialRegistrationTime)
    })

    it(`are back five seconds after registry and manager were down for ${downMs} ms`, async () => {
      const node = await domain.node("here")
      await node.endpoint("echo-1", { service: "echo" })
      const client = node.client("client-1")
      await pass(10_000)
      await Promise.all([domain.killRegistry(), node.killManager()])
      await pass(downMs)
      await node.startManager()
      await pass(2000)
      await domain.startRegistry()
      await pass(5000)
      await client.request("echo")
    })
  }

  it("come back when somebody takes them out", async () => {
    const node = await domain.node("here")
    await node.endpoint("echo-1", { service: "echo" })
    await pass(10_000)
    const taken = await entry("echo-1")
    assert.ok(taken)
    await domain.registered?.endpoints.unregister(taken, testCall({ clock: domain.clock }))
    assert.equal(await entry("echo-1"), undefined)
    await pass(200)
    assert.ok(await entry("echo-1"))
  })

  it("leave no watch behind", async () => {
    const node = await domain.node("here")
    const [stopped, killed] = [
      await node.endpoint("echo-1", { service: "echo" }),
      await node.endpoint("echo-2", { service: "echo" }),
    ]
    await pass(1000)
    assert.equal(domain.registered?.watcherCounts().endpoints, 3)
    await stopped.stop()
    await killed.kill()
    await node.killForwarder()
    // The manager asks on for a while in case somebody asks it again.
    await pass(120_000)
    assert.deepEqual(domain.registered.watcherCounts(), { services: 0, endpoints: 0 })
  })

  it("of a thousand endpoints come back spread, all within five seconds", async function () {
    this.timeout(120_000)
    const count = 1000
    const node = await domain.node("here")
    for (let n = 0; n < count; n++) await node.endpoint(`echo-${n}`, { service: "echo" })
    await pass(10_000)
    await domain.killRegistry()
    await pass(500)
    await domain.startRegistry()
    let before = 0
    let most = 0
    for (let ms = 0; ms < 5000; ms += 10) {
      await pass(10)
      const { endpoints = 0 } = domain.registered?.entryCounts() ?? {}
      most = Math.max(most, endpoints - before)
      before = endpoints
    }
    assert.equal(before, count + 1)
    assert.ok(most < count / 8, `${most} came within 10 ms`)
  })
})
