import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { HealthCheckResponse_ServingStatus as Status, HealthCheckResponseSchema } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { sleep } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import type { Health } from "../../transport/health.ts"
import { noKnowledge } from "./knowledge.ts"
import { endpoint, question } from "./question.spec.data.ts"
import { race } from "./race.ts"
import { type Candidate, select } from "./select.ts"

/** How a hop answers when it is asked for its health. */
interface Hop {
  readonly afterMs?: number
  readonly status?: Status
  readonly failure?: NsmError
}

/** A race between hops a, b and c. */
function racing(
  hops: Readonly<Record<string, Hop>>,
  endpoints = ["a", "b", "c"].map((name) => endpoint(name)),
) {
  const clock = new FakeClock()
  const calls: { readonly url: string; readonly call: Call }[] = []
  const transport = {
    client(url: string) {
      const {
        afterMs = 0,
        status = Status.SERVING,
        failure,
      } = hops[url.slice("tcp://".length)] ?? {}
      const health: Pick<Health, "check"> = {
        async check(_, call) {
          calls.push({ url, call })
          await sleep(clock, afterMs, call.signal)
          if (failure) throw failure
          return create(HealthCheckResponseSchema, { status })
        },
      }
      return health as never
    },
  }
  const { order } = select(question(endpoints), noKnowledge)
  const run = (call = testCall({ clock })) => race(order, call, { transport })
  return { clock, calls, run }
}

const names = (all: readonly Candidate[]) => all.map(({ key }) => key).join(" ")

describe("race", () => {
  it("puts the one first that answers first, and leaves the others in their order", async () => {
    const { clock, run } = racing({ a: { afterMs: 20 }, b: { afterMs: 10 } })
    const running = run()
    await clock.advance(10)
    assert.equal(names(await running), "b a c")
    assert.equal(clock.pending, 0, "timers are left")
  })

  it("leaves the order as it is where the best answers first, or both at the same time", async () => {
    for (const afterMs of [0, 10]) {
      const { clock, run } = racing({ a: { afterMs: 0 }, b: { afterMs } })
      const running = run()
      await clock.advance(0)
      assert.equal(names(await running), "a b c")
      assert.equal(clock.pending, 0, "timers are left")
    }
  })

  it("asks only the two best, at the same time, and lets go of the loser", async () => {
    const { clock, calls, run } = racing({ a: { afterMs: 20 }, b: { afterMs: 10 } })
    const running = run()
    await clock.advance(0)
    assert.deepEqual(
      calls.map(({ url }) => url),
      ["tcp://a", "tcp://b"],
    )
    await clock.advance(10)
    await running
    assert.ok(calls.every(({ call }) => call.signal.aborted))
  })

  it("waits for nobody longer than half a second", async () => {
    const { clock, run } = racing({ a: { afterMs: 60_000 }, b: { afterMs: 60_000 } })
    const running = run()
    await clock.advance(500)
    assert.equal(names(await running), "a b c")
    assert.equal(clock.pending, 0, "timers are left")
  })

  it("lets nobody win who does not answer or does not serve", async () => {
    const failure = new NsmError("PEER_UNREACHABLE", "gone")
    for (const hop of [{ failure }, { status: Status.NOT_SERVING }]) {
      const { clock, run } = racing({ a: hop, b: { afterMs: 10 } })
      const running = run()
      await clock.advance(10)
      assert.equal(names(await running), "b a c")
    }
    const { clock, run } = racing({ a: { failure }, b: { failure } })
    const running = run()
    await clock.advance(0)
    assert.equal(names(await running), "a b c")
  })

  it("takes it for an answer that a hop has no health to tell", async () => {
    const failure = new NsmError("UNIMPLEMENTED", "what is that")
    const { clock, run } = racing({ a: { afterMs: 10 }, b: { failure } })
    const running = run()
    await clock.advance(0)
    assert.equal(names(await running), "b a c")
  })

  it("asks nobody where there is no choice: one endpoint, one hop, or one that is better", async () => {
    const together = ["a", "b"].map((name) => ({ ...endpoint(name), url: "tcp://node" }))
    const better = [endpoint("a"), endpoint("b", { priority: "1" })]
    for (const endpoints of [[], [endpoint("a")], together, better]) {
      const { calls, run } = racing({}, endpoints)
      assert.equal(names(await run()), endpoints.map(({ name }) => name).join(" "))
      assert.deepEqual(calls, [])
    }
  })

  it("ends with the call", async () => {
    const controller = new AbortController()
    const { clock, run } = racing({ a: { afterMs: 60_000 }, b: { afterMs: 60_000 } })
    const running = run(testCall({ clock, signal: controller.signal }))
    await clock.advance(0)
    controller.abort(new NsmError("CANCELLED", "given up"))
    assert.equal(names(await running), "a b c")
    assert.equal(clock.pending, 0, "timers are left")
  })
})
