import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { mock } from "node:test"
import { FakeClock } from "../testing/fake-clock.ts"
import { sleep, systemClock } from "./clock.ts"
import { NsmError } from "./errors.ts"

describe("systemClock", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }))
  afterEach(() => mock.timers.reset())

  it("runs what is scheduled, once, after its time", () => {
    let count = 0
    systemClock.schedule(1000, () => (count += 1))
    mock.timers.tick(999)
    assert.equal(count, 0)
    mock.timers.tick(5000)
    assert.equal(count, 1)
  })

  it("runs nothing that was disposed", () => {
    const timer = systemClock.schedule(1000, () => assert.fail("it ran"))
    timer[Symbol.dispose]()
    mock.timers.tick(1000)
  })

  it("waits longer than Node's timers can", () => {
    const longestMs = 2 ** 31 - 1
    let hasRun = false
    systemClock.schedule(2 * longestMs + 1000, () => (hasRun = true))
    for (const ms of [longestMs, longestMs, 999]) {
      mock.timers.tick(ms)
      assert.equal(hasRun, false)
    }
    mock.timers.tick(1)
    assert.equal(hasRun, true)
  })

  it("takes a time in the past as now", () => {
    let hasRun = false
    systemClock.schedule(-5, () => (hasRun = true))
    mock.timers.tick(1)
    assert.ok(hasRun)
  })
})

describe("sleep", () => {
  it("waits", async () => {
    const clock = new FakeClock()
    const { signal } = new AbortController()
    let isOver = false
    const sleeping = sleep(clock, 1000, signal).then(() => (isOver = true))
    await clock.advance(999)
    assert.equal(isOver, false)
    await clock.advance(1)
    await sleeping
    assert.equal(getEventListeners(signal, "abort").length, 0)
  })

  it("ends with the signal, for its reason", async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 1000, controller.signal)
    controller.abort(new NsmError("CANCELLED", "given up"))
    await assert.rejects(sleeping, { reason: "CANCELLED" })
    assert.equal(clock.pending, 0)
  })

  it("does not begin where the signal has fired", async () => {
    const clock = new FakeClock()
    await assert.rejects(sleep(clock, 1000, AbortSignal.abort(new NsmError("CANCELLED", "over"))))
    assert.equal(clock.pending, 0)
  })
})
