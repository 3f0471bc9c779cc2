import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { endpointKind } from "../kind.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { localBypass } from "./local-bypass.ts"
import { memoryRegistry } from "./store.ts"

describe("local-bypass", () => {
  const publicUrl = "tcp://192.0.2.1:5001"
  const make = (shared = memoryRegistry(endpointKind)) => {
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const elements = chain<NetworkServiceEndpointRegistry>(
      "test",
      localBypass({ publicUrl }),
      probe,
    )
    return { probe, shared, local: bind(elements, shared) }
  }
  const call = testCall()
  const endpoint = (name: string, url = "") => create(NetworkServiceEndpointSchema, { name, url })
  const urls = async (
    registry: NetworkServiceEndpointRegistry,
    wanted = endpoint(""),
  ): Promise<Record<string, string>> => {
    const found = await Array.fromAsync(registry.find(endpointKind.query(wanted, false), call))
    const pairs = found.map(({ networkServiceEndpoint: each }) => [each?.name, each?.url])
    return Object.fromEntries(pairs) as Record<string, string>
  }

  it("registers the manager's URL, and gives the node its own back", async () => {
    const { shared, local } = make()
    const granted = await local.register(endpoint("e1", "unix:///run/e1.sock"), call)
    assert.equal(granted.url, "unix:///run/e1.sock")
    assert.deepEqual(await urls(shared), { e1: publicUrl })
    assert.deepEqual(await urls(local), { e1: "unix:///run/e1.sock" })
    assert.deepEqual(await urls(local, endpoint("", publicUrl)), { e1: "unix:///run/e1.sock" })
  })

  it("leaves the endpoints of other nodes as they are", async () => {
    const { shared, local } = make()
    await shared.register(endpoint("far", "tcp://192.0.2.2:5001"), call)
    assert.deepEqual(await urls(local), { far: "tcp://192.0.2.2:5001" })
  })

  it("hides what is left from before a restart", async () => {
    const { shared, local } = make()
    await local.register(endpoint("e1", "unix:///run/e1.sock"), call)
    const { local: restarted } = make(shared)
    assert.deepEqual(await urls(restarted), {})
    await restarted.register(endpoint("e1", "unix:///run/new.sock"), call)
    assert.deepEqual(await urls(restarted), { e1: "unix:///run/new.sock" })
  })

  it("does so in watches too, but passes on that something has gone", async () => {
    const { shared, local } = make()
    await shared.register(endpoint("old", publicUrl), call)
    const watch = local.find(endpointKind.query(undefined, true), call)[Symbol.asyncIterator]()
    const first = watch.next()
    await local.register(endpoint("e1", "unix:///run/e1.sock"), call)
    const seen = async (next: typeof first): Promise<unknown[]> => {
      const { value } = (await next) as { value: NetworkServiceEndpointResponse }
      return [value.networkServiceEndpoint?.name, value.networkServiceEndpoint?.url, value.deleted]
    }
    assert.deepEqual(await seen(first), ["e1", "unix:///run/e1.sock", false])
    await shared.unregister(endpoint("old"), call)
    assert.deepEqual(await seen(watch.next()), ["old", publicUrl, true])
    await watch.return?.()
  })

  it("takes out only what it put in", async () => {
    const { probe, shared, local } = make()
    await shared.register(endpoint("far", "tcp://192.0.2.2:5001"), call)
    await local.unregister(endpoint("far"), call)
    assert.equal(probe.unregisters.length, 0)
    await local.register(endpoint("e1", "unix:///run/e1.sock"), call)
    await local.unregister(endpoint("e1"), call)
    assert.equal(probe.unregisters[0]?.message.url, publicUrl)
    assert.deepEqual(await urls(shared), { far: "tcp://192.0.2.2:5001" })
  })

  it("remembers nothing of a registration that failed", async () => {
    const { probe, shared, local } = make()
    await local.register(endpoint("e1", "unix:///run/e1.sock"), call)
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    await assert.rejects(local.register(endpoint("e1", "unix:///run/moved.sock"), call))
    await assert.rejects(local.register(endpoint("e2", "unix:///run/e2.sock"), call))
    probe.failure = undefined
    await shared.register(endpoint("e2", publicUrl), call)
    assert.deepEqual(await urls(local), { e1: "unix:///run/e1.sock" })
  })

  it("refuses an endpoint that cannot be reached", async () => {
    const { local } = make()
    await assert.rejects(
      local.register(endpoint("e1"), call),
      (error: NsmError) => error.reason === "INVALID_REQUEST" && /e1 needs a url/.test(error.text),
    )
  })
})
