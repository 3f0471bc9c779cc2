import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import {
  Header,
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
import { endpointKind } from "../kind.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { begin } from "./begin.ts"
import { expire, type ExpireOptions } from "./expire.ts"
import { memoryRegistry } from "./store.ts"

describe("expire", () => {
  const make = (options: Partial<ExpireOptions> = {}, shorterMs?: number) => {
    const clock = new FakeClock()
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const shorten = element<NetworkServiceEndpointRegistry>("shorten", (next) => ({
      async register(endpoint, call) {
        const granted = await next.register(endpoint, call)
        if (shorterMs === undefined) return granted
        return { ...granted, expirationTime: timestampFromMs(clock.now() + shorterMs) }
      },
    }))
    const store = memoryRegistry(endpointKind)
    const registry = bind(
      chain<NetworkServiceEndpointRegistry>(
        "test",
        begin(),
        expire({ clock, ...options }),
        probe,
        shorten,
      ),
      store,
    )
    const register = async (
      init: { expiresInMs?: number } = {},
      headers: Record<string, string> = {},
    ): Promise<number> => {
      const { expirationTime } = await registry.register(
        create(NetworkServiceEndpointSchema, {
          name: "e1",
          ...(init.expiresInMs !== undefined && {
            expirationTime: timestampFromMs(clock.now() + init.expiresInMs),
          }),
        }),
        testCall({ clock, metadata: new Map(Object.entries(headers)) }),
      )
      assert.ok(expirationTime)
      return timestampMs(expirationTime) - clock.now()
    }
    return { clock, probe, store, registry, register }
  }

  it("takes the least of period, wish, both tokens and what comes back", async () => {
    const { register } = make({ periodMs: 5000 })
    assert.equal(await register(), 5000)
    assert.equal(await register({ expiresInMs: 4000 }), 4000)
    assert.equal(await register({ expiresInMs: 9000 }), 5000)

    const tokens = { token: () => ({ token: "", expiresAt: new FakeClock().now() + 3000 }) }
    assert.equal(await make({ tokens }).register(), 3000)

    const { clock, register: withHeader } = make()
    const end = new Date(clock.now() + 2000).toISOString()
    assert.equal(await withHeader({}, { [Header.clientTokenExpires]: end }), 2000)
    assert.equal(await withHeader({}, { [Header.clientTokenExpires]: "never" }), 60_000)

    assert.equal(await make({}, 1000).register(), 1000)
  })

  it("takes an endpoint out when its time is over, through the chain", async () => {
    const { clock, probe, store, register } = make()
    await register()
    await clock.advance(59_999)
    assert.equal(store.entryCount(), 1)
    await clock.advance(1)
    assert.equal(store.entryCount(), 0)
    assert.equal(probe.unregisters.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("starts anew when the endpoint renews itself", async () => {
    const { clock, store, register } = make()
    await register()
    await clock.advance(40_000)
    await register()
    await clock.advance(59_999)
    assert.equal(store.entryCount(), 1)
    await clock.advance(1)
    assert.equal(store.entryCount(), 0)
  })

  it("leaves an endpoint that renews itself at the last moment", async () => {
    const { clock, probe, store, register } = make()
    await register()
    const { promise, resolve } = Promise.withResolvers<void>()
    await clock.advance(59_999)
    probe.gate = promise
    const renewed = register()
    await clock.advance(1)
    resolve()
    await renewed
    await clock.advance(1000)
    assert.equal(store.entryCount(), 1)
    assert.equal(probe.unregisters.length, 0)
  })

  it("keeps the earlier end when a renewal fails", async () => {
    const { clock, probe, store, register } = make()
    await register()
    await clock.advance(40_000)
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    await assert.rejects(register())
    probe.failure = undefined
    await clock.advance(20_000)
    assert.equal(store.entryCount(), 0)
  })

  it("takes out later what could not be taken out in time", async () => {
    const { clock, probe, store, register } = make()
    await register()
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    await clock.advance(85_000)
    assert.equal(probe.unregisters.length, 3)
    probe.failure = undefined
    await clock.advance(5000)
    assert.equal(store.entryCount(), 0)
    assert.equal(clock.pending, 0)
  })

  it("waits no more for what was taken out, nor after its own end", async () => {
    const controller = new AbortController()
    const { clock, probe, registry, register } = make({ signal: controller.signal })
    await register()
    await registry.unregister(
      create(NetworkServiceEndpointSchema, { name: "e1" }),
      testCall({ clock }),
    )
    await clock.advance(60_000)
    assert.equal(probe.unregisters.length, 1)
    await register()
    controller.abort()
    assert.equal(clock.pending, 0)
    await register()
    assert.equal(clock.pending, 0)
  })
})
