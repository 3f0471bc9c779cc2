import assert from "node:assert/strict"
import { createNamespace, createVethPair, Links, type NetworkNamespace } from "@nsm/sdk-kernel"
import { needsPrivilege } from "../lab/privilege.ts"
import { outageOf } from "./packets.ts"
import { Traffic } from "./traffic.ts"

const destinations = ["192.0.2.2", "2001:db8::2"]
const patienceMs = 10_000
const downMs = 200

describe("traffic", function () {
  this.timeout(60_000)
  let one: NetworkNamespace
  let two: NetworkNamespace
  let traffic: Traffic
  before(needsPrivilege)
  before(async () => {
    one = createNamespace()
    two = createNamespace()
    await createVethPair(
      { namespace: one, name: "one", addresses: ["192.0.2.1/24", "2001:db8::1/64"] },
      { namespace: two, name: "two", addresses: ["192.0.2.2/24", "2001:db8::2/64"] },
    )
    traffic = await Traffic.in(one)
  })
  after(async () => {
    await traffic?.[Symbol.asyncDispose]()
    one?.[Symbol.dispose]()
    two?.[Symbol.dispose]()
  })

  it("flows to all addresses and loses nothing where nothing happens", async () => {
    const from = Date.now()
    await traffic.begin(destinations, { intervalMs: 5 })
    assert.equal(await traffic.flows(from, patienceMs), true)
    const streams = await traffic.end()
    assert.equal(streams.length, 2)
    for (const packets of streams) {
      const { sent, lost, backMs } = outageOf(packets, from)
      assert.ok(sent >= 20)
      assert.deepEqual({ lost, backMs }, { lost: 0, backMs: 0 })
    }
  })

  it("tells how long a link was down", async () => {
    await traffic.begin(["192.0.2.2"], { intervalMs: 5 })
    assert.equal(await traffic.flows(Date.now(), patienceMs), true)
    const from = Date.now()
    const links = new Links(two)
    links.change("two", { isUp: false })
    assert.equal(await traffic.flows(Date.now(), downMs), false)
    links.change("two", { isUp: true })
    assert.equal(await traffic.flows(Date.now(), patienceMs), true)
    const [packets = []] = await traffic.end()
    const outage = outageOf(packets, from)
    const told = JSON.stringify(outage)
    assert.ok(outage.backMs >= downMs && outage.backMs < patienceMs, told)
    assert.ok(outage.longestGapMs >= downMs, told)
  })

  it("takes a request that cannot be sent for a lost one", async () => {
    await traffic.begin(["203.0.113.1"], { intervalMs: 5 })
    assert.equal(await traffic.flows(Date.now(), 100), false)
    const [packets = []] = await traffic.end()
    assert.ok(packets.length > 1)
    assert.equal(outageOf(packets, 0).lost, packets.length)
  })
})
