import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import { seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { endpointKind } from "../kind.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { begin } from "./begin.ts"
import { keep } from "./keep.ts"
import { retry } from "./retry.ts"
import { memoryRegistry } from "./store.ts"

describe("keep", () => {
  const e1 = create(NetworkServiceEndpointSchema, { name: "e1", url: "tcp://e1:1" })
  const gone = new NsmError("PEER_UNREACHABLE", "gone")

  /** A registry that can break its watches, or serve none. */
  const make = () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const { signal } = controller
    const random = seededRandom(1)
    const lines: string[] = []
    const log: Log = {
      ...silentLog,
      info: (text) => void lines.push(`info ${text}`),
      warn: (text) => void lines.push(`warn ${text}`),
    }
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const store = memoryRegistry(endpointKind)
    const peer = {
      way: new AbortController(),
      watches: true,
      beforeFind: undefined as (() => Promise<void>) | undefined,
    }
    const way = element<NetworkServiceEndpointRegistry>("way", (next) => ({
      async *find(query, call) {
        if (!peer.watches) throw new NsmError("UNIMPLEMENTED", "no watches here")
        await peer.beforeFind?.()
        const ends = AbortSignal.any([call.signal, peer.way.signal])
        yield* next.find(query, call.renewed({ signal: ends }))
      },
    }))
    const elements = chain<NetworkServiceEndpointRegistry>(
      "test",
      begin({ signal, eventTimeoutMs: Infinity }),
      retry({ random }),
      keep(endpointKind, { random, signal }),
      probe,
      way,
    )
    const cut = (): void => {
      peer.way.abort(gone)
      peer.way = new AbortController()
    }
    const registry = bind(elements, store)
    const call = testCall({ clock, log })
    return { clock, controller, lines, probe, store, peer, cut, registry, call }
  }

  it("asks for nothing but its own entry, once", async () => {
    const { clock, probe, store, registry, call } = make()
    await registry.register(e1, call)
    await registry.register(e1, call)
    await clock.advance(3_600_000)
    assert.equal(probe.finds.length, 1)
    assert.equal(probe.finds[0]?.message.networkServiceEndpoint?.name, "e1")
    assert.equal(probe.registers.length, 2)
    assert.equal(store.watcherCount(), 1)
    assert.equal(clock.pending, 0)
  })

  it("registers again what was taken out, each time", async () => {
    const { clock, store, registry, call } = make()
    await registry.register(e1, call)
    for (let round = 0; round < 3; round++) {
      await clock.advance(1000)
      await store.unregister(e1, call)
      await clock.advance(200)
      assert.equal(store.entryCount(), 1)
    }
  })

  it("registers again when its watch breaks, with what was granted last", async () => {
    const { clock, probe, cut, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(1000)
    cut()
    await clock.advance(200)
    assert.equal(probe.registers.length, 2)
    assert.equal(probe.registers[1]?.message.url, "tcp://e1:1")
    await clock.advance(3_600_000)
    assert.equal(probe.registers.length, 2)
    assert.equal(probe.finds.length, 2)
  })

  it("says once that it is lost, and once that it is back", async () => {
    const { clock, lines, probe, cut, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(1000)
    probe.failure = gone
    cut()
    await clock.advance(60_000)
    probe.failure = undefined
    await clock.advance(1000)
    assert.deepEqual(lines, [
      "warn a call to the registry failed and is tried again",
      "info a network service endpoint was lost and is registered again",
    ])
  })

  it("never tries twice at a time, and is back within a second of its peer", async () => {
    const { clock, probe, store, cut, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(1000)
    await store.unregister(e1, call)
    probe.gate = new Promise(() => {})
    cut()
    await clock.advance(14_000)
    assert.equal(probe.registers.length, 2, "the second has not failed yet")
    probe.gate = undefined
    probe.failure = gone
    await clock.advance(100_000)
    probe.failure = undefined
    await clock.advance(1000)
    assert.equal(store.entryCount(), 1)
    const { length } = probe.registers
    assert.ok(length > 100 && length < 400, `${length} tries`)
  })

  it("registers again what was forgotten between the registration and the watch", async () => {
    const { clock, peer, probe, store, registry, call } = make()
    peer.beforeFind = () => store.unregister(e1, call)
    await registry.register(e1, call)
    await clock.advance(4900)
    peer.beforeFind = undefined
    assert.equal(store.entryCount(), 0)
    await clock.advance(300)
    assert.equal(store.entryCount(), 1)
    assert.equal(probe.registers.length, 2)
  })

  it("comes back less and less often to a registry that serves no watches", async () => {
    const { clock, probe, peer, registry, call } = make()
    peer.watches = false
    await registry.register(e1, call)
    await clock.advance(60_000)
    const { length } = probe.registers
    await clock.advance(600_000)
    const rate = (probe.registers.length - length) / 600
    assert.ok(rate <= 1 / 15, `${rate} per second`)
    peer.watches = true
    await clock.advance(40_000)
    assert.equal(probe.finds.at(-1)?.call.signal.aborted, false)
  })

  it("does not bring back what is taken out, whenever that happens", async () => {
    const { clock, controller, probe, store, cut, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(1000)
    probe.failure = gone
    cut()
    await clock.advance(10_000)
    probe.failure = undefined
    await registry.unregister(e1, call)
    const { length } = probe.registers
    await clock.advance(3_600_000)
    assert.equal(probe.registers.length, length)
    assert.equal(store.entryCount(), 0)
    assert.equal(store.watcherCount(), 0)
    assert.equal(clock.pending, 0)
    controller.abort()
  })

  it("watches what is registered again after it was taken out", async () => {
    const { clock, store, registry, call } = make()
    await registry.register(e1, call)
    await registry.unregister(e1, call)
    await registry.register(e1, call)
    await clock.advance(1000)
    assert.equal(store.watcherCount(), 1)
    await store.unregister(e1, call)
    await clock.advance(200)
    assert.equal(store.entryCount(), 1)
  })

  it("ends with its process", async () => {
    const { clock, controller, store, cut, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(1000)
    cut()
    await clock.advance(0)
    controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
    await clock.advance(60_000)
    assert.equal(store.watcherCount(), 0)
    assert.equal(clock.pending, 0)
  })
})
