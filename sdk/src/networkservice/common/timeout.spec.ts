import assert from "node:assert/strict"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import type { NetworkServiceRequest } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { failOn, hold, record } from "../../testing/probes.ts"
import { connectionOf } from "../connection.ts"
import { grant } from "../tail.ts"
import { begin } from "./begin/begin.ts"
import { timeout } from "./timeout.ts"

/** A hop on a clock of its own, and requests of a client whose token holds for some time. */
function hop({
  fails = {},
  signal,
}: { fails?: Parameters<typeof failOn>[0]; signal?: AbortSignal } = {}) {
  const clock = new FakeClock()
  const seen = record()
  const service = bind(chain("hop", begin(), timeout({ signal }), seen, failOn(fails)), grant)
  const request = (lifetimeMs: number, timeLimitMs?: number) => {
    const deadline = timeLimitMs === undefined ? undefined : clock.now() + timeLimitMs
    return service.request(lasting(clock.now() + lifetimeMs), testCall({ clock, deadline }))
  }
  return { clock, seen, service, request }
}

function lasting(expiresAt: number): NetworkServiceRequest {
  const request = requestAtHop("hop")
  const [caller] = connectionOf(request).path?.pathSegments ?? []
  assert.ok(caller)
  caller.expires = timestampFromMs(expiresAt)
  return request
}

describe("timeout", () => {
  elementContract(() => timeout())
  elementContract(() => timeout(), { request: () => lasting(Date.UTC(2027, 0, 1)) })

  it("closes the connection when the caller's token ends", async () => {
    const { clock, seen, request } = hop()
    await request(600_000)
    await clock.advance(599_999)
    assert.equal(seen.closes.length, 0)
    await clock.advance(1)
    assert.equal(seen.closes.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("closes so much earlier as the request was given time", async () => {
    const { clock, seen, request } = hop()
    await request(600_000, 15_000)
    await clock.advance(584_999)
    assert.equal(seen.closes.length, 0)
    await clock.advance(1)
    assert.equal(seen.closes.length, 1)
  })

  it("leaves a short token half of its time", async () => {
    const { clock, seen, request } = hop()
    await request(4000, 15_000)
    await clock.advance(1999)
    assert.equal(seen.closes.length, 0)
    await clock.advance(1)
    assert.equal(seen.closes.length, 1)
  })

  it("waits anew after a refresh", async () => {
    const { clock, seen, request } = hop()
    await request(600_000)
    await clock.advance(500_000)
    await request(600_000)
    await clock.advance(500_000)
    assert.equal(seen.closes.length, 0)
    await clock.advance(100_000)
    assert.equal(seen.closes.length, 1)
  })

  it("keeps waiting for the old end after a refresh that failed", async () => {
    const { clock, seen, request } = hop({ fails: { request: 2 } })
    await request(600_000)
    await clock.advance(500_000)
    await assert.rejects(request(600_000))
    await clock.advance(100_000)
    assert.equal(seen.closes.length, 1)
  })

  it("does not close what a refresh under way at the end of the token renews", async () => {
    const clock = new FakeClock()
    const gate = hold()
    const seen = record()
    const service = bind(chain("hop", begin(), timeout(), seen, gate), grant)
    const request = () => service.request(lasting(clock.now() + 1000), testCall({ clock }))
    const first = request()
    await clock.advance(0)
    gate.release()
    await first
    await clock.advance(999)
    const refreshed = request()
    await clock.advance(500)
    gate.release()
    await refreshed
    await clock.advance(498)
    assert.equal(seen.closes.length, 0)
    await clock.advance(2)
    assert.equal(seen.closes.length, 1)
  })

  it("does not close what was closed", async () => {
    const { clock, seen, service, request } = hop()
    const granted = await request(600_000)
    await service.close(granted, testCall({ clock }))
    assert.equal(clock.pending, 0)
    await clock.advance(600_000)
    assert.equal(seen.closes.length, 1)
  })

  it("does not wait for what was never granted", async () => {
    const { clock, request } = hop({ fails: { request: 1 } })
    await assert.rejects(request(600_000))
    assert.equal(clock.pending, 0)
  })

  it("takes its own segment's end when the path begins here", async () => {
    const clock = new FakeClock()
    const seen = record()
    const request = lasting(clock.now() + 1000)
    const { path } = connectionOf(request)
    assert.ok(path)
    path.index = 0
    await bind(chain("hop", begin(), timeout(), seen), grant).request(request, testCall({ clock }))
    await clock.advance(1000)
    assert.equal(seen.closes.length, 1)
  })

  it("drops its timers when it ends", async () => {
    const controller = new AbortController()
    const { clock, request } = hop({ signal: controller.signal })
    await request(600_000)
    assert.equal(clock.pending, 1)
    controller.abort()
    assert.equal(clock.pending, 0)
    await request(600_000)
    assert.equal(clock.pending, 0)
  })
})
