import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import {
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { memoryRegistries } from "../chains/memory.ts"
import { endpointKind } from "../kind.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { begin } from "./begin.ts"
import { refresh } from "./refresh.ts"
import { memoryRegistry } from "./store.ts"

describe("refresh of a registry", () => {
  const make = () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const { signal } = controller
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const server = memoryRegistries({ clock })
    const elements = chain<NetworkServiceEndpointRegistry>(
      "test",
      begin({ signal }),
      refresh({ signal }),
      probe,
    )
    const registry = bind(elements, server.endpoints)
    const call = testCall({ clock })
    return { clock, controller, probe, server, registry, call }
  }
  const e1 = create(NetworkServiceEndpointSchema, { name: "e1", url: "tcp://e1:1" })

  it("renews when two thirds of the time are over, again and again", async () => {
    const { clock, probe, server, registry, call } = make()
    await registry.register(e1, call)
    await clock.advance(39_999)
    assert.equal(probe.registers.length, 1)
    await clock.advance(1)
    assert.equal(probe.registers.length, 2)
    await clock.advance(400_000)
    assert.equal(probe.registers.length, 12)
    assert.equal(server.entryCounts().endpoints, 1)
    const { message } = probe.registers.at(-1) ?? {}
    assert.equal(message?.url, "tcp://e1:1")
    assert.equal(message.expirationTime, undefined)
  })

  it("tries again after a renewal that failed, and comes back after an outage", async () => {
    const { clock, probe, server, registry, call } = make()
    await registry.register(e1, call)
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    await clock.advance(120_000)
    assert.equal(server.entryCounts().endpoints, 0)
    const { length } = probe.registers
    assert.ok(length > 300 && length < 500, `${length} tries`)
    probe.failure = undefined
    await clock.advance(200)
    assert.equal(server.entryCounts().endpoints, 1)
    await clock.advance(39_000)
    assert.equal(probe.registers.length, length + 1)
  })

  it("pauses between renewals even where the end is always over", async () => {
    const { clock, call } = make()
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const ended = element<NetworkServiceEndpointRegistry>("ended", (next) => ({
      register: (endpoint, each) =>
        next.register({ ...endpoint, expirationTime: timestampFromMs(0) }, each),
    }))
    const elements = chain<NetworkServiceEndpointRegistry>("test", begin(), refresh(), probe, ended)
    await bind(elements, memoryRegistry(endpointKind)).register(e1, call)
    await clock.advance(1000)
    assert.equal(probe.registers.length, 6)
  })

  it("renews no more what was taken out", async () => {
    const { clock, probe, registry, call } = make()
    await registry.register(e1, call)
    await registry.unregister(e1, call)
    await clock.advance(120_000)
    assert.equal(probe.registers.length, 1)
  })

  it("is not in the way of taking out, and does not undo it", async () => {
    const { clock, probe, server, registry, call } = make()
    await registry.register(e1, call)
    probe.gate = new Promise(() => {})
    await clock.advance(40_000)
    assert.equal(probe.registers.length, 2)
    probe.gate = undefined
    await registry.unregister(e1, call)
    await clock.advance(120_000)
    assert.equal(probe.registers.length, 2)
    assert.equal(server.entryCounts().endpoints, 0)
  })

  it("starts anew when its owner renews, whatever became of a renewal of its own", async () => {
    const { clock, probe, registry, call } = make()
    await registry.register(e1, call)
    probe.gate = new Promise(() => {})
    await clock.advance(40_000)
    probe.gate = undefined
    await registry.register(e1, call)
    assert.equal(probe.registers.length, 3)
    await clock.advance(39_999)
    assert.equal(probe.registers.length, 3)
    await clock.advance(1)
    assert.equal(probe.registers.length, 4)
  })

  it("ends with its process", async () => {
    const { clock, controller, probe, registry, call } = make()
    await registry.register(e1, call)
    controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
    await clock.advance(120_000)
    assert.equal(probe.registers.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("has nothing to do where nothing expires", async () => {
    const { clock, call } = make()
    const elements = chain<NetworkServiceEndpointRegistry>("test", begin(), refresh())
    await bind(elements, memoryRegistry(endpointKind)).register(e1, call)
    assert.equal(clock.pending, 0)
  })
})
