import assert from "node:assert/strict"
import fc from "fast-check"
import { type Random, seededRandom } from "../core/random.ts"
import { BackOff } from "./back-off.ts"

describe("BackOff", () => {
  const inTheMiddle: Random = { integer: (below) => Math.floor(below / 2), uuid: () => "" }

  it("grows up to the longest pause, and begins anew when told", () => {
    const backOff = new BackOff({ random: inTheMiddle, firstMs: 100, longestMs: 500, factor: 2 })
    const pauses = Array.from({ length: 5 }, () => backOff.next())
    assert.deepEqual(pauses, [100, 200, 400, 500, 500])
    backOff.reset()
    assert.equal(backOff.next(), 100)
  })

  it("waits for about a third of the time that has passed since the first try", () => {
    const backOff = new BackOff({ random: inTheMiddle, firstMs: 50, longestMs: 10_000 })
    let passed = 0
    for (let tries = 1; passed < 30_000; tries++) {
      const pause = backOff.next()
      if (tries > 8) assert.ok(pause > passed / 4 && pause < passed / 2, `${pause} after ${passed}`)
      passed += pause
    }
  })

  it("stays within half and one and a half of each pause", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed)
        const backOff = new BackOff({ random, firstMs: 100, longestMs: 400, factor: 2 })
        for (const due of [100, 200, 400, 400]) {
          const pause = backOff.next()
          assert.ok(Number.isInteger(pause), "time on clocks is in whole milliseconds")
          assert.ok(pause >= due / 2 && pause <= due * 1.5, `${pause} for ${due}`)
        }
      }),
    )
  })
})
