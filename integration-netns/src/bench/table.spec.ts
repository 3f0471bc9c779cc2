import assert from "node:assert/strict"
import { quantile } from "./quantile.ts"
import { verdict } from "./row.ts"
import { table } from "./table.ts"

const row = { name: "wire", measured: "veth", unit: "ms" }

describe("the benchmark's table", () => {
  it("passes a value that is just what was wanted, and misses the next one", () => {
    assert.equal(verdict({ ...row, value: 5, target: { atMost: 5 } }), "pass")
    assert.equal(verdict({ ...row, value: 5.01, target: { atMost: 5 } }), "miss")
    assert.equal(verdict({ ...row, value: 0.98, target: { atLeast: 0.98 } }), "pass")
    assert.equal(verdict({ ...row, value: 0.97, target: { atLeast: 0.98 } }), "miss")
  })

  it("neither passes nor misses what was not measured or has no target", () => {
    assert.equal(verdict({ ...row, target: { atMost: 5 }, skipped: "no iperf3" }), "skipped")
    assert.equal(verdict({ ...row, value: Number.MAX_VALUE }), "beside")
  })

  it("misses a value that is no number", () => {
    assert.equal(verdict({ ...row, value: Number.NaN, target: { atMost: 5 } }), "miss")
    assert.equal(verdict({ ...row, value: Number.NaN, target: { atLeast: 5 } }), "miss")
  })

  it("prints values with three digits that count, beside their targets", () => {
    const [, , first, second] = table([
      { ...row, value: 1.23456, target: { atMost: 5 } },
      { ...row, value: 0.98765, unit: "", target: { atLeast: 0.98 } },
    ]).split("\n")
    assert.match(first ?? "", /\| ≤ 5 ms +\| 1\.23 ms +\| pass +\|/)
    assert.match(second ?? "", /\| ≥ 0\.98 +\| 0\.988 +\| pass +\|/)
  })
})

describe("quantile", () => {
  it("gives the value that a share of all does not exceed", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.equal(quantile(values, 0.5), 50)
    assert.equal(quantile(values, 0.99), 99)
    assert.equal(quantile(values, 1), 100)
    assert.equal(quantile([7], 0.99), 7)
    assert.ok(Number.isNaN(quantile([], 0.5)))
  })
})
