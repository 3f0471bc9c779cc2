import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema } from "@nsm/api"
import { seededRandom } from "@nsm/sdk"
import { FakeClock } from "@nsm/sdk/testing"
import type { LostEnd, Side, Tunnel, WireEnd } from "@nsm/sdk-kernel"
import { Underlay } from "../world/underlay.ts"
import { Kernel } from "./kernel.ts"
import { passes } from "./passes.ts"
import { SimWiring } from "./sim-wiring.ts"

const [home, place] = ["file:///simulation/ns/nsc-1", "file:///simulation/ns/nse-1"]

describe("wires in the model of the kernel", () => {
  let clock: FakeClock
  let underlay: Underlay
  let kernel: Kernel

  beforeEach(() => {
    clock = new FakeClock()
    underlay = new Underlay()
    underlay.join("node-1", "192.0.2.1")
    underlay.join("node-2", "192.0.2.2")
    kernel = new Kernel({ underlay })
    kernel.create(home, "node-1")
    kernel.create(place, "node-2")
  })

  /** One run of the forwarder of a node. */
  const run = (node: number) =>
    new SimWiring({
      ...{ kernel, clock, random: seededRandom(1), signal: new AbortController().signal },
      owner: { forwarder: `node-${node}-forwarder`, node },
    })
  const end = (side: Side): WireEnd => ({
    ...{ side, mac: `02:${side}`, mtu: 1500 },
    ...(side === "client"
      ? { namespace: home, name: "nsm-0", alias: "server-c", addresses: ["10.0.0.1/32"] }
      : { namespace: place, name: "nsm-1", alias: "client-c", addresses: ["10.0.0.0/32"] }),
  })
  const pair = { kind: "veth", ends: [end("client"), end("endpoint")] } as const
  const half = (side: Side, tunnel: Partial<Tunnel> = {}) => {
    const [local, remote] =
      side === "client" ? ["192.0.2.1", "192.0.2.2"] : ["192.0.2.2", "192.0.2.1"]
    return {
      kind: "vxlan",
      ends: [end(side)],
      tunnel: { local, remote, port: 4789, vni: 7, ...tunnel },
    } as const
  }
  const done = async <T>(work: Promise<T>): Promise<T> => {
    const [answer] = await Promise.all([work, clock.advance(10)])
    return answer
  }
  const connection: Connection = create(ConnectionSchema, {
    id: "c",
    context: { ipContext: { srcIpAddrs: ["10.0.0.1/32"], dstIpAddrs: ["10.0.0.0/32"] } },
  })
  const isAlive = (): boolean => passes(kernel, kernel.open(home), connection)
  const indexes = () => kernel.interfaces.map(({ index }) => index)

  it("carry packets from when they are made until they are removed", async () => {
    const wiring = run(1)
    assert.equal(isAlive(), false)
    await done(wiring.apply("one", pair))
    assert.equal(isAlive(), true)
    await done(wiring.remove("one"))
    assert.deepEqual([isAlive(), indexes()], [false, []])
  })

  it("carry nothing while the endpoint hangs", async () => {
    await done(run(1).apply("one", pair))
    kernel.open(place).isHung = true
    assert.equal(isAlive(), false)
  })

  it("carry packets between nodes only where both halves agree and the underlay is whole", async () => {
    await done(run(1).apply("one", half("client")))
    assert.equal(isAlive(), false)
    const other = run(2)
    await done(other.apply("two", half("endpoint", { vni: 8 })))
    assert.equal(isAlive(), false)
    await done(other.apply("two", half("endpoint")))
    assert.equal(isAlive(), true)
    using _ = underlay.cut("node-1", "node-2", "packets")
    assert.equal(isAlive(), false)
  })

  it("are kept by a later run that is asked for the same, and made anew for another", async () => {
    await done(run(1).apply("one", pair))
    const before = indexes()
    await done(run(1).apply("other id", pair))
    assert.deepEqual(indexes(), before)
    const moved = { ...pair, ends: [pair.ends[0], { ...pair.ends[1], name: "nsm-9" }] } as const
    await done(run(1).apply("other id", moved))
    assert.deepEqual(
      indexes(),
      before.map((index) => index + 2),
    )
  })

  it("are told of when somebody deletes them, and of nobody else's", async () => {
    const wiring = run(1)
    await done(wiring.apply("one", pair))
    const lost: LostEnd[] = []
    wiring.onLost((one) => lost.push(one))
    const [first] = kernel.interfaces
    assert.ok(first)
    kernel.delete(first)
    assert.deepEqual(
      lost.map(({ connectionId, side }) => [connectionId, side]),
      [
        ["one", "client"],
        ["one", "endpoint"],
      ],
    )
    await done(wiring.remove("one"))
    assert.equal(lost.length, 2)
  })

  it("refuse a name that is taken, and a tunnel's number on one node", async () => {
    await done(run(1).apply("one", half("client")))
    const taken = { ...half("client"), ends: [{ ...end("client"), alias: "server-d" }] } as const
    await assert.rejects(done(run(1).apply("two", taken)), { reason: "INTERFACE_NAME_TAKEN" })
    const beside = { ...end("client"), alias: "server-d", name: "nsm-9" }
    const again = { ...half("client"), ends: [beside] } as const
    await assert.rejects(done(run(1).apply("two", again)), { reason: "KERNEL_REFUSED" })
  })
})
