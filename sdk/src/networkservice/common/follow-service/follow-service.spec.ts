import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { bind, chain } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { seededRandom } from "../../../core/random.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import type { Registries } from "../../../registry/service.ts"
import { requestOf } from "../../../testing/messages.ts"
import { hold, record } from "../../../testing/probes.ts"
import { registriesWith } from "../../../testing/registries.ts"
import { connectionOf } from "../../connection.ts"
import { grant } from "../../tail.ts"
import { begin } from "../begin/begin.ts"
import { connectionState } from "../connection-state.ts"
import { followService } from "./follow-service.ts"

const random = seededRandom(1)

const endpoint = {
  name: "echo-a",
  url: "tcp://a:1",
  networkServiceNames: ["echo"],
  networkServiceLabels: { echo: { labels: { app: "a" } } },
}

async function world({ isHeld = false } = {}) {
  const clock = new FakeClock()
  const ending = new AbortController()
  const registries = await registriesWith({
    services: [{ name: "echo" }, { name: "other" }],
    endpoints: [endpoint],
  })
  const network = { isDown: false }
  const endpoints: Registries["endpoints"] = {
    ...registries.endpoints,
    find(query, call) {
      if (!network.isDown) return registries.endpoints.find(query, call)
      throw new NsmError("PEER_UNREACHABLE", "the registry is away")
    },
  }
  const seen = record()
  const gate = hold()
  if (!isHeld) gate.open()
  const follows = followService({
    registries: { ...registries, endpoints },
    random,
    signal: ending.signal,
  })
  const service = bind(chain("manager", begin(), connectionState(), follows, gate, seen), grant)
  const asked = (
    id: string,
    labels: Record<string, string> = {},
    endpointName = "echo-a",
    networkService = "echo",
  ) => requestOf({ id, networkService, networkServiceEndpointName: endpointName, labels })
  const request = async (...of: Parameters<typeof asked>): Promise<void> => {
    await service.request(asked(...of), testCall({ clock }))
    await clock.advance(0)
  }
  const close = (id: string) => service.close(connectionOf(asked(id)), testCall({ clock }))
  const change = async (entry: MessageInitShape<typeof NetworkServiceSchema>): Promise<void> => {
    const { services } = registries
    await services.register(create(NetworkServiceSchema, entry), testCall({ clock }))
    await clock.advance(0)
  }
  const closed = () => seen.closes.map(({ message }) => message.id)
  return { clock, ending, registries, network, gate, request, close, change, closed }
}

const only = (app: string, sourceSelector: Record<string, string> = {}) => ({
  name: "echo",
  matches: [{ sourceSelector, routes: [{ destinationSelector: { app } }] }],
})

describe("followService", () => {
  let registries: Awaited<ReturnType<typeof registriesWith>>
  before(async () => {
    registries = await registriesWith({ services: [], endpoints: [] })
  })
  elementContract(() => {
    const signal = AbortSignal.abort()
    return chain(
      "following",
      begin(),
      connectionState(),
      followService({ registries, random, signal }),
    )
  })

  it("closes connections whose endpoint is not allowed any more", async () => {
    const { request, change, closed } = await world()
    await request("one")
    await request("two")
    await change(only("b"))
    assert.deepEqual(closed(), ["one", "two"])
  })

  it("judges each by its own labels", async () => {
    const { request, change, closed } = await world()
    await request("one", { team: "x" })
    await request("two", { team: "y" })
    const allowed = {
      sourceSelector: { team: "x" },
      routes: [{ destinationSelector: { app: "a" } }],
    }
    await change({ name: "echo", matches: [allowed, ...only("b").matches] })
    assert.deepEqual(closed(), ["two"])
  })

  it("leaves alone whom new rules allow, and whose endpoint is gone", async () => {
    const { request, change, closed, registries: kept } = await world()
    await request("one")
    await change(only("a"))
    await kept.endpoints.unregister(create(NetworkServiceEndpointSchema, endpoint), testCall())
    await change(only("b"))
    assert.deepEqual(closed(), [])
  })

  it("judges when the registry that did not tell of endpoints is back", async () => {
    const { clock, network, request, change, closed } = await world()
    await request("one")
    network.isDown = true
    await change(only("b"))
    assert.deepEqual(closed(), [])
    network.isDown = false
    await clock.advance(1000)
    assert.deepEqual(closed(), ["one"])
  })

  it("leaves alone who has gone to another endpoint when it is to be closed", async () => {
    const { clock, gate, request, change, closed } = await world({ isHeld: true })
    const first = request("one")
    await clock.advance(0)
    gate.release()
    await first
    const moving = request("one", {}, "echo-b")
    await change(only("b"))
    gate.open()
    await moving
    await clock.advance(0)
    assert.deepEqual(closed(), [])
  })

  it("leaves alone those of other services", async () => {
    const { request, change, closed } = await world()
    await request("one")
    await change({ name: "other", matches: only("b").matches })
    assert.deepEqual(closed(), [])
  })

  it("watches a service no more when its connection has changed to another one", async () => {
    const { clock, request, close, registries: kept } = await world()
    await request("one")
    await request("one", {}, "echo-a", "other")
    assert.equal(kept.services.watcherCount(), 1)
    await close("one")
    await clock.advance(0)
    assert.equal(kept.services.watcherCount(), 0)
  })

  it("watches no more when the last connection is closed, nor when the chain ends", async () => {
    const { clock, ending, request, close, registries: kept } = await world()
    await request("one")
    await request("two")
    assert.equal(kept.services.watcherCount(), 1)
    await close("one")
    await close("two")
    await clock.advance(0)
    assert.equal(kept.services.watcherCount(), 0)
    await request("three")
    assert.equal(kept.services.watcherCount(), 1)
    ending.abort()
    await clock.advance(0)
    assert.equal(kept.services.watcherCount(), 0)
    assert.equal(clock.pending, 0)
  })
})
