import assert from "node:assert/strict"
import { bind, chain } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn, record } from "../../testing/probes.ts"
import { grant } from "../tail.ts"
import { supplied } from "./supplied.ts"

const starting = new NsmError("ENDPOINT_STARTING", "an endpoint was started")

/** An element before hops that fail some of the requests. */
function world(failing: readonly number[], error = starting) {
  const clock = new FakeClock()
  const seen = record()
  const parts = [supplied({ random: seededRandom(1) }), seen, failOn({ request: failing, error })]
  const service = bind(chain("test", ...parts), grant)
  const controller = new AbortController()
  const request = (changes = {}) =>
    service.request(requestOf(changes), testCall({ clock, signal: controller.signal }))
  return { clock, seen, controller, request }
}

describe("supplied", () => {
  elementContract(() => supplied({ random: seededRandom(1) }))

  it("looks again when an endpoint was started", async () => {
    const { clock, seen, request } = world([1, 2])
    const granting = request()
    await clock.advance(1000)
    await granting
    assert.equal(seen.requests.length, 3)
    assert.equal(clock.pending, 0)
  })

  it("sees it also where others were tried", async () => {
    const cause = new AggregateError([starting, new NsmError("PEER_UNREACHABLE", "gone")])
    const { clock, seen, request } = world(
      [1],
      new NsmError("ALL_CANDIDATES_FAILED", "all failed", { cause }),
    )
    const granting = request()
    await clock.advance(1000)
    await granting
    assert.equal(seen.requests.length, 2)
  })

  it("leaves it to the client to go on after some times", async () => {
    const { clock, seen, request } = world([1, 2, 3, 4, 5, 6])
    const refused = assert.rejects(request(), { reason: "ENDPOINT_STARTING" })
    await clock.advance(5000)
    await refused
    assert.equal(seen.requests.length, 5)
  })

  it("does not look again after other failures", async () => {
    const { seen, request } = world([1], new NsmError("ADDRESSES_EXHAUSTED", "full"))
    await assert.rejects(request(), { reason: "ADDRESSES_EXHAUSTED" })
    assert.equal(seen.requests.length, 1)
  })

  it("leaves a request that names its endpoint to who chose that", async () => {
    const { seen, request } = world([1])
    await assert.rejects(request({ networkServiceEndpointName: "supplier" }), {
      reason: "ENDPOINT_STARTING",
    })
    assert.equal(seen.requests.length, 1)
  })

  it("ends with the call, and leaves no timer", async () => {
    const { clock, controller, seen, request } = world([1, 2, 3, 4])
    const refused = assert.rejects(request(), { text: "enough" })
    await clock.advance(0)
    controller.abort(new NsmError("CANCELLED", "enough"))
    await refused
    assert.equal(seen.requests.length, 1)
    assert.equal(clock.pending, 0)
  })
})
