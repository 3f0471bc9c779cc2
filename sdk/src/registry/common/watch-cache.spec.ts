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
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose } from "../../transport/transport.ts"
import { endpointKind } from "../kind.ts"
import {
  type NetworkServiceEndpointRegistry,
  networkServiceEndpointRegistryWire,
} from "../service.ts"
import { memoryRegistry } from "./store.ts"
import { watchCache, type WatchCacheOptions } from "./watch-cache.ts"

describe("watch-cache", () => {
  const url = "memory://registry"
  const make = async (options: WatchCacheOptions = {}) => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const store = memoryRegistry(endpointKind)
    const served = [
      expose<NetworkServiceEndpointRegistry>(networkServiceEndpointRegistryWire, store),
    ]
    const serve = () => memoryTransport({ name: "registry", network, clock }).listen(url, served)
    await serve()
    const transport = memoryTransport({ name: "manager", network, clock })
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const registry = bind(
      chain<NetworkServiceEndpointRegistry>("test", watchCache(endpointKind, options), probe),
      transport.client(url, networkServiceEndpointRegistryWire),
    )
    const call = testCall({ clock })
    const find = async (service: string, name = ""): Promise<string[]> => {
      const networkServiceNames = service === "" ? [] : [service]
      const wanted = create(NetworkServiceEndpointSchema, { name, networkServiceNames })
      const names: string[] = []
      for await (const answer of registry.find(endpointKind.query(wanted, false), call)) {
        names.push(answer.networkServiceEndpoint?.name ?? "")
      }
      await clock.advance(0)
      return names.toSorted()
    }
    const asked = (): { direct: number; watches: number } => ({
      direct: probe.finds.filter(({ message }) => !message.watch).length,
      watches: probe.finds.filter(({ message }) => message.watch).length,
    })
    return { clock, network, store, serve, registry, call, find, asked }
  }
  const endpoint = (name: string, ...networkServiceNames: string[]) =>
    create(NetworkServiceEndpointSchema, { name, networkServiceNames })

  it("asks once and then answers from what it hears", async () => {
    const { store, call, find, asked } = await make()
    await store.register(endpoint("e1", "icmp"), call)
    assert.deepEqual(await find("icmp"), ["e1"])
    assert.deepEqual(asked(), { direct: 1, watches: 1 })
    assert.deepEqual(await find("icmp"), ["e1"])
    await store.register(endpoint("e2", "icmp"), call)
    await find("icmp")
    assert.deepEqual(await find("icmp"), ["e1", "e2"])
    await store.unregister(endpoint("e1"), call)
    await find("icmp")
    assert.deepEqual(await find("icmp"), ["e2"])
    assert.deepEqual(asked(), { direct: 1, watches: 1 })
  })

  it("asks directly for what it does not have", async () => {
    const { store, call, find, asked } = await make()
    assert.deepEqual(await find("icmp"), [])
    assert.deepEqual(await find("icmp"), [])
    assert.deepEqual(asked(), { direct: 2, watches: 1 })
    await store.register(endpoint("e1", "icmp"), call)
    assert.deepEqual(await find("icmp"), ["e1"])
  })

  it("answers from the copy only once it has all that a direct find has", async () => {
    const { registry, call, store } = await make()
    for (let at = 0; at < 50; at++) await store.register(endpoint(`e${at}`, "icmp"), call)
    const query = endpointKind.query(undefined, false)
    // The watch has been told of some at most when the next finds begin.
    const counts = await Promise.all(
      [1, 2, 3].map(async () => (await Array.fromAsync(registry.find(query, call))).length),
    )
    assert.deepEqual(counts, [50, 50, 50])
  })

  it("shows at once what came through it", async () => {
    const { registry, call, find, asked, store } = await make()
    await store.register(endpoint("e1", "icmp"), call)
    await find("icmp")
    await find("icmp")
    await registry.register(endpoint("e2", "icmp"), call)
    await registry.register(endpoint("e3", "dns"), call)
    const query = endpointKind.query(endpoint("", "icmp"), false)
    assert.equal((await Array.fromAsync(registry.find(query, call))).length, 2)
    await registry.unregister(endpoint("e1"), call)
    assert.equal((await Array.fromAsync(registry.find(query, call))).length, 1)
    assert.equal(asked().direct, 1)
  })

  it("shows at once what came through it and fits no longer", async () => {
    const { registry, call, find } = await make()
    await registry.register(endpoint("e1", "icmp"), call)
    await registry.register(endpoint("e2", "icmp"), call)
    await find("icmp")
    await find("icmp")
    await registry.register(endpoint("e1", "dns"), call)
    const query = endpointKind.query(endpoint("", "icmp"), false)
    assert.equal((await Array.fromAsync(registry.find(query, call))).length, 1)
  })

  it("drops the copy when the watch breaks, and fails as a direct find does", async () => {
    const { clock, network, store, serve, call, find, asked } = await make()
    await store.register(endpoint("e1", "icmp"), call)
    await find("icmp")
    await find("icmp")
    network.kill(url)
    await clock.advance(1)
    await assert.rejects(find("icmp"), (error: NsmError) => error.reason === "PEER_UNREACHABLE")
    await serve()
    assert.deepEqual(await find("icmp"), ["e1"])
    assert.deepEqual(await find("icmp"), ["e1"])
    assert.deepEqual(asked(), { direct: 3, watches: 3 })
  })

  it("does not answer with what has expired", async () => {
    const { clock, store, call, find, asked } = await make()
    const expirationTime = timestampFromMs(clock.now() + 1000)
    await store.register({ ...endpoint("e1", "icmp"), expirationTime }, call)
    await find("icmp")
    await find("icmp")
    await clock.advance(1000)
    await store.unregister(endpoint("e1"), call)
    assert.deepEqual(await find("icmp"), [])
    assert.equal(asked().direct, 2)
  })

  it("lets watches through", async () => {
    const { registry, call, store, asked } = await make()
    await store.register(endpoint("e1", "icmp"), call)
    for await (const _ of registry.find(endpointKind.query(undefined, true), call)) break
    assert.deepEqual(asked(), { direct: 0, watches: 1 })
  })

  it("closes a watch that nobody asked for in a while", async () => {
    const { clock, store, call, find } = await make({ idleMs: 1000 })
    await store.register(endpoint("e1", "icmp"), call)
    await store.register(endpoint("e2", "dns"), call)
    await find("icmp")
    await find("dns")
    assert.equal(store.watcherCount(), 2)
    await clock.advance(900)
    await find("dns")
    await clock.advance(100)
    assert.equal(store.watcherCount(), 1)
    await clock.advance(2000)
    assert.equal(store.watcherCount(), 0)
    assert.equal(clock.pending, 0)
  })

  it("closes the watch for a name as soon as that has gone, not that for a service", async () => {
    const { clock, store, call, find } = await make()
    await store.register(endpoint("e1", "icmp"), call)
    assert.deepEqual(await find("", "e1"), ["e1"])
    assert.deepEqual(await find("icmp"), ["e1"])
    assert.equal(store.watcherCount(), 2)
    await store.unregister(endpoint("e1"), call)
    await clock.advance(0)
    assert.equal(store.watcherCount(), 1)
    assert.deepEqual(await find("", "e1"), [])
    await store.register(endpoint("e1", "icmp"), call)
    assert.deepEqual(await find("", "e1"), ["e1"])
  })

  it("keeps a bounded number of copies, those asked for last", async () => {
    const { store, find, asked, call } = await make({ maxQueries: 2 })
    for (const name of ["a", "b", "c"]) await store.register(endpoint(name, name), call)
    for (const name of ["a", "b", "a", "c"]) await find(name)
    assert.equal(store.watcherCount(), 2)
    const before = asked().direct
    await find("a")
    assert.equal(asked().direct, before)
    await find("b")
    assert.equal(asked().direct, before + 1)
  })

  it("ends its watches with its process", async () => {
    const controller = new AbortController()
    const { clock, store, find } = await make({ signal: controller.signal })
    await find("icmp")
    controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
    await clock.advance(0)
    assert.equal(store.watcherCount(), 0)
    assert.equal(clock.pending, 0)
  })
})
