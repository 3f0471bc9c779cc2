import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type NetworkService,
  type NetworkServiceQuery,
  type NetworkServiceResponse,
  NetworkServiceSchema,
} from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { serviceKind } from "../kind.ts"
import type { NetworkServiceRegistry } from "../service.ts"
import { begin } from "./begin.ts"
import { restore } from "./restore.ts"
import { memoryRegistry } from "./store.ts"

describe("restore", () => {
  const icmp = create(NetworkServiceSchema, { name: "icmp", payload: "ETHERNET" })
  const make = async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const { signal } = controller
    const probe = registryProbe<NetworkService, NetworkServiceQuery, NetworkServiceResponse>()
    const store = memoryRegistry(serviceKind)
    const elements = chain<NetworkServiceRegistry>(
      "test",
      begin({ signal }),
      restore({ periodMs: 1000, signal }),
      probe,
    )
    const registry = bind(elements, store)
    const call = testCall({ clock })
    await registry.register(icmp, call)
    return { clock, controller, probe, store, registry, call }
  }

  it("registers again what the registry has lost, each time", async () => {
    const { clock, store, call } = await make()
    for (let round = 0; round < 3; round++) {
      await store.unregister(icmp, call)
      await clock.advance(1000)
      assert.equal(store.entryCount(), 1)
    }
    const [answer] = await Array.fromAsync(store.find(serviceKind.query(icmp, false), call))
    assert.equal(answer?.networkService?.payload, "ETHERNET")
  })

  it("leaves what is there as it is", async () => {
    const { clock, probe, store, call } = await make()
    await store.register({ ...icmp, payload: "IP" }, call)
    await clock.advance(10_000)
    assert.equal(probe.registers.length, 1)
    assert.equal(probe.finds.length, 10)
  })

  it("goes on after an outage", async () => {
    const { clock, probe, store, call } = await make()
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    await clock.advance(10_000)
    assert.equal(probe.finds.length, 10)
    probe.failure = undefined
    await store.unregister(icmp, call)
    await clock.advance(1000)
    assert.equal(store.entryCount(), 1)
  })

  it("goes on after a registry that did not answer", async () => {
    const { clock, probe, store, call } = await make()
    probe.gate = new Promise(() => {})
    await clock.advance(1000)
    probe.gate = undefined
    await store.unregister(icmp, call)
    await clock.advance(2000)
    assert.equal(store.entryCount(), 1)
  })

  it("does not bring back what was taken out, even while it looks", async () => {
    const { clock, probe, store, registry, call } = await make()
    const { promise, resolve } = Promise.withResolvers<void>()
    probe.gate = promise
    await clock.advance(1000)
    probe.gate = undefined
    await registry.unregister(icmp, call)
    resolve()
    await clock.advance(10_000)
    assert.equal(store.entryCount(), 0)
    assert.equal(probe.registers.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("ends with its process", async () => {
    const { clock, controller, probe } = await make()
    controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
    await clock.advance(10_000)
    assert.equal(probe.finds.length, 0)
    assert.equal(clock.pending, 0)
  })
})
