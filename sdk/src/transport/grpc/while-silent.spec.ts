import assert from "node:assert/strict"
import { FakeClock } from "../../testing/fake-clock.ts"
import { whileSilent } from "./while-silent.ts"

describe("whileSilent", () => {
  it("looks after a quarter of a second, and then after ever longer times, until it is over", async () => {
    const clock = new FakeClock()
    const start = clock.now()
    const looks: number[] = []
    const waiting = whileSilent(clock, () => void looks.push(clock.now() - start))
    await clock.advance(20_000)
    assert.deepEqual(looks, [250, 750, 1750, 3750, 7750, 15_750])
    waiting[Symbol.dispose]()
    assert.equal(clock.pending, 0)
  })
})
