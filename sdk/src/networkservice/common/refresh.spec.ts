import assert from "node:assert/strict"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { bind, chain, element } from "../../core/chain.ts"
import { type Random, seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn, record } from "../../testing/probes.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { begin } from "./begin/begin.ts"
import { refresh } from "./refresh.ts"

/** Spreads nothing. */
const noSpread: Random = { integer: () => 0, uuid: () => "u" }

interface ClientInit {
  readonly lifetimesMs?: readonly (number | undefined)[]
  readonly index?: number
  readonly fails?: Parameters<typeof failOn>[0]
  readonly random?: Random
  readonly signal?: AbortSignal
}

/** A chain with tokens of some lifetimes in the paths that come back. */
function client({
  lifetimesMs = [600_000, 600_000, 600_000, 600_000],
  index = 0,
  fails = {},
  random = noSpread,
  signal,
}: ClientInit = {}) {
  const clock = new FakeClock()
  const seen = record()
  const stamp = element<NetworkService>("stamp", (next) => ({
    async request(request, call) {
      const pathSegments = lifetimesMs.map((lifetimeMs, at) => ({
        name: `hop-${at}`,
        id: `id-${at}`,
        ...(lifetimeMs !== undefined && { expires: timestampFromMs(clock.now() + lifetimeMs) }),
      }))
      const { id } = connectionOf(request)
      const { connection } = requestOf({ id, path: { index, pathSegments } })
      assert.ok(connection)
      await next.request(request, call)
      return connection
    },
  }))
  const parts = [begin(), refresh({ random, signal }), seen, stamp, failOn(fails)]
  const service = bind(chain("client", ...parts), grant)
  const request = () => service.request(requestOf(), testCall({ clock }))
  return { clock, seen, service, request }
}

describe("refresh", () => {
  elementContract(() => refresh({ random: noSpread }))

  const delays: readonly (readonly [string, ClientInit, number])[] = [
    ["a fifth of the lifetime at the first of four hops", {}, 120_000],
    ["three tenths at the third of four hops", { index: 2 }, 180_000],
    ["a third on a path of one hop", { lifetimesMs: [600_000] }, 200_000],
    ["by the shortest token", { lifetimesMs: [600_000, 60_000, undefined] }, 12_000],
    ["after the pause for retries when a token has ended", { lifetimesMs: [0, 600_000] }, 200],
  ]
  for (const [title, init, delayMs] of delays) {
    it(`repeats the request after ${title}`, async () => {
      const { clock, seen, request } = client(init)
      await request()
      await clock.advance(delayMs - 1)
      assert.equal(seen.requests.length, 1)
      await clock.advance(1)
      assert.equal(seen.requests.length, 2)
    })
  }

  it("goes on and on", async () => {
    const { clock, seen, request } = client()
    await request()
    await clock.advance(3_600_000)
    assert.equal(seen.requests.length, 31)
    assert.equal(clock.pending, 1)
  })

  it("does not refresh what has no end", async () => {
    const { clock, request } = client({ lifetimesMs: [undefined, undefined] })
    await request()
    assert.equal(clock.pending, 0)
  })

  it("tries again soon after a failure, each time later, until it succeeds", async () => {
    const { clock, seen, request } = client({ fails: { request: [2, 3] } })
    await request()
    await clock.advance(120_000)
    assert.equal(seen.requests.length, 2)
    await clock.advance(100)
    assert.equal(seen.requests.length, 3)
    await clock.advance(129)
    assert.equal(seen.requests.length, 3)
    await clock.advance(1)
    assert.equal(seen.granted.length, 2)
    await clock.advance(119_999)
    assert.equal(seen.requests.length, 4)
    await clock.advance(1)
    assert.equal(seen.requests.length, 5)
  })

  it("does not flood a hop that is gone", async () => {
    const { clock, seen, request } = client({
      fails: { request: Array.from({ length: 2000 }, (_, at) => at + 2) },
      random: seededRandom(1),
    })
    await request()
    await clock.advance(120_000 + 3_600_000)
    assert.ok(seen.requests.length < 1000, `${seen.requests.length} tries in an hour`)
  })

  it("spreads what begins together", async () => {
    const { clock, seen, service } = client({ random: seededRandom(1) })
    for (let at = 0; at < 50; at++) {
      await service.request(requestOf({ id: `client-${at}` }), testCall({ clock }))
    }
    await clock.advance(107_999)
    assert.equal(seen.requests.length, 50, "more than a tenth early")
    await clock.advance(6000)
    const early = seen.requests.length - 50
    assert.ok(early > 10 && early < 40, `${early} of 50 in the first half`)
    await clock.advance(6001)
    assert.equal(seen.requests.length, 100)
  })

  it("waits anew after a request from outside", async () => {
    const { clock, seen, request } = client()
    await request()
    await clock.advance(100_000)
    await request()
    await clock.advance(119_999)
    assert.equal(seen.requests.length, 2)
    await clock.advance(1)
    assert.equal(seen.requests.length, 3)
  })

  it("keeps its time after a request from outside that failed", async () => {
    const { clock, seen, request } = client({ fails: { request: 2 } })
    await request()
    await clock.advance(100_000)
    await assert.rejects(request())
    await clock.advance(20_000)
    assert.equal(seen.requests.length, 3)
  })

  it("ends with the connection", async () => {
    const { clock, seen, service, request } = client()
    const granted = await request()
    await service.close(granted, testCall({ clock }))
    assert.equal(clock.pending, 0)
    await clock.advance(600_000)
    assert.equal(seen.requests.length, 1)
  })

  it("ends with the connection between two tries", async () => {
    const { clock, service, request } = client({ fails: { request: [2, 3, 4, 5] } })
    const granted = await request()
    await clock.advance(120_100)
    assert.equal(clock.pending, 1)
    await service.close(granted, testCall({ clock }))
    assert.equal(clock.pending, 0)
  })

  it("drops its timers when it ends", async () => {
    const controller = new AbortController()
    const { clock, request } = client({ signal: controller.signal })
    await request()
    controller.abort()
    assert.equal(clock.pending, 0)
  })
})
