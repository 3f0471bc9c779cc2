import assert from "node:assert/strict"
import { FakeClock } from "../testing/fake-clock.ts"
import { Listeners } from "../tools/listeners.ts"
import { Changes } from "./changes.ts"

describe("Changes", () => {
  let clock: FakeClock
  let told: Listeners
  let changes: Changes
  const signal = new AbortController().signal

  beforeEach(() => {
    clock = new FakeClock(0)
    told = new Listeners()
    changes = new Changes([{ onChange: (listener) => told.add(listener) }], clock)
  })
  afterEach(() => changes[Symbol.dispose]())

  it("tells of a change while somebody waits, and of one before", async () => {
    const waiting = changes.next(signal)
    told.tell()
    assert.equal(await waiting, "changed")
    told.tell()
    assert.equal(await changes.next(signal), "changed")
  })

  it("tells of several changes in between once", async () => {
    told.tell()
    told.tell()
    assert.equal(await changes.next(signal), "changed")
    assert.equal(await changes.next(AbortSignal.abort()), "ended")
  })

  it("says that it is time by the timer alone, which may fire early", async () => {
    const hasty = { now: () => 0, schedule: (_: number, run: () => void) => clock.schedule(0, run) }
    using early = new Changes([], hasty)
    const waiting = early.next(signal, 1000)
    await clock.advance(0)
    assert.equal(await waiting, "due")
  })

  it("leaves no timer and no listener", async () => {
    const end = new AbortController()
    const waiting = changes.next(end.signal, 1000)
    end.abort()
    assert.equal(await waiting, "ended")
    assert.equal(clock.pending, 0)
  })
})
