import assert from "node:assert/strict"
import fc from "fast-check"
import { formatTimeout, parseTimeout } from "./timeout.ts"

describe("time limits in headers", () => {
  it("are milliseconds as long as those have eight digits", () => {
    assert.equal(formatTimeout(0), "0m")
    assert.equal(formatTimeout(80.2), "81m")
    assert.equal(formatTimeout(15_000), "15000m")
    assert.equal(formatTimeout(10 ** 8), "100000S")
    assert.equal(formatTimeout(10 ** 11), "1666667M")
    assert.equal(formatTimeout(Infinity), "99999999H")
  })

  it("are never shorter than what was meant, and hardly longer", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10 ** 13, noNaN: true }), (ms) => {
        const read = parseTimeout(formatTimeout(ms)) ?? NaN
        assert.ok(read >= ms && read <= ms * 1.001 + 1, `${ms} came back as ${read}`)
      }),
    )
  })

  it("are read in each unit", () => {
    const read = ["1H", "2M", "3S", "4m", "5000u", "6000000n"].map(parseTimeout)
    assert.deepEqual(read, [3_600_000, 120_000, 3000, 4, 5, 6])
  })

  it("are not read from anything else", () => {
    for (const text of ["", "m", "5", "-1m", "1.5S", "123456789m", "5s", "5m "]) {
      assert.equal(parseTimeout(text), undefined, text)
    }
  })
})
