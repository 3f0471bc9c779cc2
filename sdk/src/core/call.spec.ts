import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { testCall } from "../testing/call.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { callScope, type Call, withCall, withRenewedCall } from "./call.ts"
import { sleep } from "./clock.ts"
import { NsmError } from "./errors.ts"
import { createKey } from "./key.ts"
import { silentLog } from "./log.ts"

const key = createKey("key", "none")

describe("Call", () => {
  it("does not change when a value is added", () => {
    const call = testCall()
    const more = call.with(key, "some")
    assert.equal(call.get(key), "none")
    assert.equal(more.get(key), "some")
    assert.equal(more.with(key, "other").get(key), "other")
  })

  it("keeps values and the reply when it is renewed", () => {
    const call = testCall({ deadline: 1 }).with(key, "some")
    const renewed = call.renewed({ deadline: undefined, metadata: new Map([["a", "b"]]) })
    assert.equal(renewed.get(key), "some")
    assert.equal(renewed.deadline, undefined)
    assert.equal(renewed.metadata.get("a"), "b")
    assert.equal(renewed.reply, call.reply)
    assert.equal(renewed.clock, call.clock)
  })

  it("says how much time is left, never less than none", async () => {
    const clock = new FakeClock()
    const call = testCall({ clock, deadline: clock.now() + 1000 })
    await clock.advance(400)
    assert.equal(call.remainingMs, 600)
    await clock.advance(4000)
    assert.equal(call.remainingMs, 0)
    assert.equal(testCall({ clock }).remainingMs, undefined)
  })
})

describe("withCall", () => {
  it("gives the call up at its time limit", async () => {
    const clock = new FakeClock()
    const running = withCall({ clock, log: silentLog, timeoutMs: 1000 }, (call) =>
      sleep(clock, 60_000, call.signal),
    )
    const late = assert.rejects(running, { reason: "DEADLINE_EXCEEDED" })
    await clock.advance(1000)
    await late
    assert.equal(clock.pending, 0)
  })

  it("gives the call up from outside, for that reason", async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const { signal } = controller
    const running = withCall({ clock, log: silentLog, signal }, (call) =>
      sleep(clock, 60_000, call.signal),
    )
    controller.abort(new NsmError("SHUTTING_DOWN", "the process is ending"))
    await assert.rejects(running, { reason: "SHUTTING_DOWN" })
  })

  it("ends what hangs on the call when it is over, and leaves nothing", async () => {
    const clock = new FakeClock()
    const { signal } = new AbortController()
    const over = await withCall(
      { clock, log: silentLog, signal, timeoutMs: 1000 },
      async (call) => call.signal,
    )
    assert.ok(over.aborted)
    assert.equal(NsmError.from(over.reason).reason, "CANCELLED")
    assert.equal(clock.pending, 0)
    assert.equal(getEventListeners(signal, "abort").length, 0)
  })

  it("has no limit unless one is asked for", async () => {
    const clock = new FakeClock()
    const deadline = await withCall({ clock, log: silentLog }, async (call) => call.deadline)
    assert.equal(deadline, undefined)
  })
})

describe("withRenewedCall", () => {
  const clock = new FakeClock()
  const deadlineOf = async (call: Call): Promise<number | undefined> => {
    assert.ok(call.deadline !== undefined)
    return call.deadline - clock.now()
  }

  it("is deaf to the caller's giving up", async () => {
    const gone = testCall({ clock, signal: AbortSignal.abort() }).with(key, "some")
    const [isAborted, value] = await withRenewedCall(gone, async (call) => [
      call.signal.aborted,
      call.get(key),
    ])
    assert.equal(isAborted, false)
    assert.equal(value, "some")
  })

  it("has as much time as the call has left, at least a second", async () => {
    const long = testCall({ clock, deadline: clock.now() + 5000 })
    assert.equal(await withRenewedCall(long, deadlineOf), 5000)
    const late = testCall({ clock, deadline: clock.now() })
    assert.equal(await withRenewedCall(late, deadlineOf), 1000)
    assert.equal(await withRenewedCall(late, deadlineOf, { budgetMs: 3000 }), 3000)
    assert.equal(clock.pending, 0)
  })

  it("has no limit where the call had none", async () => {
    const deadline = await withRenewedCall(testCall({ clock }), async (call) => call.deadline)
    assert.equal(deadline, undefined)
  })
})

describe("callScope", () => {
  it("takes over that the outer signal has fired", () => {
    const signal = AbortSignal.abort(new NsmError("CANCELLED", "given up"))
    using scope = callScope({ clock: new FakeClock(), deadline: undefined, signal })
    assert.equal(scope.signal.reason, signal.reason)
  })

  it("keeps the first reason for its end", async () => {
    const clock = new FakeClock()
    const scope = callScope({ clock, deadline: clock.now() + 10 })
    await clock.advance(10)
    scope[Symbol.dispose]()
    assert.equal(NsmError.from(scope.signal.reason).reason, "DEADLINE_EXCEEDED")
  })
})
