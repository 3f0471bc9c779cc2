import assert from "node:assert/strict"
import { FakeClock } from "./fake-clock.ts"

describe("FakeClock", () => {
  it("stands still until it is moved", async () => {
    const clock = new FakeClock(1000)
    assert.equal(clock.now(), 1000)
    await clock.advance(5)
    assert.equal(clock.now(), 1005)
  })

  it("fires timers at their times, with what they set off in between", async () => {
    const clock = new FakeClock(0)
    const log: string[] = []
    const note = (text: string) => log.push(`${clock.now()} ${text}`)
    clock.schedule(20, () => note("two"))
    clock.schedule(10, () => {
      note("one")
      clock.schedule(5, () => note("one and a half"))
      Promise.resolve()
        .then(() => note("at rest"))
        .catch(() => assert.fail())
    })
    clock.schedule(40, () => note("late"))
    await clock.advance(30)
    assert.deepEqual(log, ["10 one", "10 at rest", "15 one and a half", "20 two"])
    assert.equal(clock.pending, 1)
  })

  it("does not fire what was disposed", async () => {
    const clock = new FakeClock()
    clock.schedule(10, () => assert.fail("it fired"))[Symbol.dispose]()
    assert.equal(clock.pending, 0)
    await clock.advance(10)
  })
})
