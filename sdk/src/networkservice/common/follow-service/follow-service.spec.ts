import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { bind, chain } from "../../../core/chain.ts"
import { seededRandom } from "../../../core/random.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestOf } from "../../../testing/messages.ts"
import { record } from "../../../testing/probes.ts"
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

async function world() {
  const clock = new FakeClock()
  const ending = new AbortController()
  const registries = await registriesWith({
    services: [{ name: "echo" }, { name: "other" }],
    endpoints: [endpoint],
  })
  const seen = record()
  const follows = followService({ registries, random, signal: ending.signal })
  const service = bind(chain("manager", begin(), connectionState(), follows, seen), grant)
  const asked = (id: string, labels: Record<string, string> = {}) =>
    requestOf({ id, networkService: "echo", networkServiceEndpointName: "echo-a", labels })
  const request = async (id: string, labels?: Record<string, string>): Promise<void> => {
    await service.request(asked(id, labels), testCall({ clock }))
    await clock.advance(0)
  }
  const close = (id: string) => service.close(connectionOf(asked(id)), testCall({ clock }))
  const change = async (entry: MessageInitShape<typeof NetworkServiceSchema>): Promise<void> => {
    const { services } = registries
    await services.register(create(NetworkServiceSchema, entry), testCall({ clock }))
    await clock.advance(0)
  }
  const closed = () => seen.closes.map(({ message }) => message.id)
  return { clock, ending, registries, request, close, change, closed }
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

  it("leaves alone those of other services", async () => {
    const { request, change, closed } = await world()
    await request("one")
    await change({ name: "other", matches: only("b").matches })
    assert.deepEqual(closed(), [])
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
