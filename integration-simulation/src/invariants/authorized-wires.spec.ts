import assert from "node:assert/strict"
import { bounds } from "../bounds.ts"
import { Part } from "../parts/part.ts"
import { World } from "../world/world.ts"
import { authorizedWires } from "./authorized-wires.ts"
import type { Violation } from "./invariant.ts"

const url = "file:///simulation/ns/nsc-1"

describe("the invariant about authorized wires", () => {
  let world: World
  let look: () => readonly Omit<Violation, "invariant">[]

  beforeEach(async () => {
    world = await World.create({ seed: 1, tokenLifetimeMs: 60_000, skewMs: 0 })
    const place = { kind: "forwarder", name: "node-1-forwarder", host: "node-1" } as const
    // One that never looks after anything.
    const idle = new Part(world, { ...place, boot: async () => {} })
    idle.start()
    const mesh = { forwarders: [idle], endpoints: [], wires: [], wanted: [] }
    const phase = { calmSince: 0, hadFaults: false }
    look = () => [...authorizedWires().look({ world, mesh, phase })]
    const namespace = world.kernel.create(url, "node-1")
    const [name, alias, owner] = ["nsm-0", "server-nsc-1-0", "node-1-forwarder"]
    const setup = { side: "client", namespace: url, name, alias, mac: "", mtu: 1500 } as const
    world.kernel.add({
      ...{ namespace, index: 1, name, alias, mac: "", owner, setup },
      ...{ tunnel: undefined, peer: undefined },
    })
  })

  it("finds one that nobody authorized", () => {
    assert.deepEqual(look(), [
      {
        connection: "nsc-1-0",
        hop: "node-1-forwarder",
        text: `nsm-0 in ${url} was never authorized`,
      },
    ])
  })

  it("finds one that outlives its chain", async () => {
    world.books.authorized("node-1-forwarder", "nsc-1-0", world.clock.now() + 60_000)
    await world.clock.advance(60_000 + bounds.removalMs)
    assert.deepEqual(look(), [])
    await world.clock.advance(1000)
    assert.match(look()[0]?.text ?? "", /stands 31000 ms after its chain ended/)
  })

  it("tells of chains that should not have come so far", () => {
    world.kernel.destroy(url)
    const found = { hop: "node-1-manager", clientId: "nsc-1-0", fault: "the token of a has ended" }
    world.books.unauthorized.push(found)
    assert.deepEqual(look(), [
      { connection: "nsc-1-0", hop: "node-1-manager", text: "the token of a has ended" },
    ])
  })
})
