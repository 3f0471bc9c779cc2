import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import {
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { endpointKind } from "../kind.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { begin } from "./begin.ts"
import { isRenewal, registrationEvents } from "./registration-events.ts"
import { memoryRegistry } from "./store.ts"

describe("begin of a registry", () => {
  const make = (options: Parameters<typeof begin>[0] = {}) => {
    const clock = new FakeClock()
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const elements = chain<NetworkServiceEndpointRegistry>("test", begin(options), probe)
    const store = memoryRegistry(endpointKind)
    return { clock, probe, store, registry: bind(elements, store), call: testCall({ clock }) }
  }
  const endpoint = (name: string, url = "") => create(NetworkServiceEndpointSchema, { name, url })

  it("lets one call at a time work on a name, in order, and others pass", async () => {
    const { probe, registry, call } = make()
    const { promise, resolve } = Promise.withResolvers<void>()
    probe.gate = promise
    const done: string[] = []
    const first = registry.register(endpoint("a", "1"), call).then(() => done.push("a1"))
    const second = registry.unregister(endpoint("a"), call).then(() => done.push("-a"))
    const third = registry.register(endpoint("a", "2"), call).then(() => done.push("a2"))
    probe.gate = undefined
    await registry.register(endpoint("b"), call).then(() => done.push("b"))
    assert.equal(probe.unregisters.length, 0)
    resolve()
    await Promise.all([first, second, third])
    assert.deepEqual(done, ["b", "a1", "-a", "a2"])
  })

  it("goes on after a call that failed", async () => {
    const { probe, registry, call } = make()
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    const failed = registry.register(endpoint("a"), call)
    const second = registry.register(endpoint("a"), call)
    await assert.rejects(failed)
    probe.failure = undefined
    await assert.rejects(second).catch(() => {})
    await registry.register(endpoint("a"), call)
  })

  it("lets a caller give up while it waits", async () => {
    const { probe, registry, call } = make()
    const controller = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    probe.gate = promise
    const slow = registry.register(endpoint("a"), call)
    const waiting = registry.unregister(endpoint("a"), call.renewed({ signal: controller.signal }))
    controller.abort(new NsmError("CANCELLED", "enough"))
    await assert.rejects(waiting, (error: NsmError) => error.reason === "CANCELLED")
    resolve()
    await slow
    assert.equal(probe.unregisters.length, 0)
  })

  it("unregisters what was registered last", async () => {
    const { probe, registry, call } = make()
    await registry.register(endpoint("a", "tcp://a:1"), call)
    await registry.unregister(endpoint("a"), call)
    assert.equal(probe.unregisters.at(-1)?.message.url, "tcp://a:1")
    await registry.unregister(endpoint("a"), call)
    assert.equal(probe.unregisters.at(-1)?.message.url, "")
  })

  it("refuses an entry without a name", async () => {
    const { probe, registry, call } = make()
    await assert.rejects(
      registry.register(endpoint(""), call),
      (error: NsmError) => error.reason === "INVALID_REQUEST" && error.element === "begin",
    )
    assert.equal(probe.registers.length, 0)
  })

  describe("gives events that", () => {
    const eventsOf = ({ probe }: ReturnType<typeof make>) => {
      const events = probe.registers.at(-1)?.call.get(registrationEvents)
      assert.ok(events)
      return events
    }

    it("repeat the registration without its end", async () => {
      const made = make()
      const expirationTime = timestampFromMs(1)
      await made.registry.register({ ...endpoint("a", "tcp://a:1"), expirationTime }, made.call)
      await eventsOf(made).register()
      const { message } = made.probe.registers.at(-1) ?? {}
      assert.equal(message?.url, "tcp://a:1")
      assert.equal(message.expirationTime, undefined)
    })

    it("repeat it once for all who ask at one time, and say that they do", async () => {
      const made = make()
      await made.registry.register(endpoint("a"), made.call)
      const events = eventsOf(made)
      await Promise.all([events.register(), eventsOf(made).register()])
      assert.equal(made.probe.registers.length, 2)
      await events.register()
      assert.deepEqual(
        made.probe.registers.map(({ call }) => call.get(isRenewal)),
        [false, true, true],
      )
    })

    it("take the entry out, unless it is not due any more", async () => {
      const made = make()
      await made.registry.register(endpoint("a"), made.call)
      await eventsOf(made).unregister(() => false)
      assert.equal(made.store.entryCount(), 1)
      await eventsOf(made).unregister()
      assert.equal(made.store.entryCount(), 0)
    })

    it("do nothing for an entry that is gone", async () => {
      const made = make()
      await made.registry.register(endpoint("a"), made.call)
      const events = eventsOf(made)
      await made.registry.unregister(endpoint("a"), made.call)
      await events.register()
      await events.unregister()
      assert.equal(made.probe.registers.length, 1)
      assert.equal(made.probe.unregisters.length, 1)
    })

    it("give way to a call from outside", async () => {
      const made = make()
      await made.registry.register(endpoint("a"), made.call)
      made.probe.gate = new Promise(() => {})
      const event = eventsOf(made).register()
      await Promise.resolve()
      made.probe.gate = undefined
      const rejected = assert.rejects(event, (error: NsmError) => error.reason === "CANCELLED")
      await made.registry.unregister(endpoint("a"), made.call)
      await rejected
      assert.equal(made.store.entryCount(), 0)
    })

    it("have a limit of time, and end when the process does", async () => {
      const controller = new AbortController()
      const made = make({ eventTimeoutMs: 1000, signal: controller.signal })
      await made.registry.register(endpoint("a"), made.call)
      made.probe.gate = new Promise(() => {})
      const slow = assert.rejects(
        eventsOf(made).register(),
        (error: NsmError) => error.reason === "DEADLINE_EXCEEDED",
      )
      await made.clock.advance(1000)
      await slow
      const last = assert.rejects(
        eventsOf(made).register(),
        (error: NsmError) => error.reason === "SHUTTING_DOWN",
      )
      await made.clock.advance(1)
      controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
      await last
    })
  })
})
