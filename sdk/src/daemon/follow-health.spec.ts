import assert from "node:assert/strict"
import { silentLog } from "../core/log.ts"
import { networkServiceRegistryWire } from "../registry/service.ts"
import { memoryRegistries } from "../registry/chains/memory.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { expose } from "../transport/transport.ts"
import { MemoryNetwork } from "../transport/memory/network.ts"
import { memoryTransport } from "../transport/memory/transport.ts"
import { followHealth } from "./follow-health.ts"
import { Readiness } from "./readiness.ts"

describe("followHealth", () => {
  it("meets the need when the peer comes, and says why when it goes", async () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const transport = memoryTransport({ name: "nsmgr", network, clock })
    const registry = memoryTransport({ name: "registry", network, clock })
    const readiness = new Readiness()
    const ending = new AbortController()
    const need = readiness.needs("registry")
    const url = "tcp://registry:5002"
    const log = silentLog
    const following = followHealth({ transport, url, need, clock, log }, ending.signal)
    await clock.advance(100)
    assert.match(readiness.checks[0]?.why ?? "", /PEER_UNREACHABLE/)

    const { services } = memoryRegistries({ clock })
    await using listener = await registry.listen(url, [
      expose(networkServiceRegistryWire, services),
    ])
    await clock.advance(500)
    assert.ok(readiness.isReady)

    await listener[Symbol.asyncDispose]()
    await clock.advance(1000)
    assert.ok(!readiness.isReady)

    ending.abort()
    await following
    assert.equal(clock.pending, 0)
  })
})
