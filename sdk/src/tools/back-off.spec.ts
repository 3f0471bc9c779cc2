import assert from "node:assert/strict"
import fc from "fast-check"
import { type Random, seededRandom } from "../core/random.ts"
import { BackOff } from "./back-off.ts"

describe("BackOff", () => {
  const inTheMiddle: Random = { integer: (below) => Math.floor(below / 2), uuid: () => "" }

  it("doubles up to the longest pause, and begins anew when told", () => {
    const backOff = new BackOff({ random: inTheMiddle, firstMs: 100, longestMs: 500 })
    const pauses = Array.from({ length: 5 }, () => backOff.next())
    assert.deepEqual(pauses, [100, 200, 400, 500, 500])
    backOff.reset()
    assert.equal(backOff.next(), 100)
  })

  it("stays within half and one and a half of each pause", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const backOff = new BackOff({ random: seededRandom(seed), firstMs: 100, longestMs: 400 })
        for (const due of [100, 200, 400, 400]) {
          const pause = backOff.next()
          assert.ok(Number.isInteger(pause), "time on clocks is in whole milliseconds")
          assert.ok(pause >= due / 2 && pause <= due * 1.5, `${pause} for ${due}`)
        }
      }),
    )
  })
})
