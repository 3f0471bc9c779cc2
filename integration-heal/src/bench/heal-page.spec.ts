import assert from "node:assert/strict"
import type { WireResult } from "../run-case.ts"
import { bars } from "./bars.ts"
import { healPage } from "./heal-page.ts"
import { isMet, reportsOf, rowsOf } from "./heal-report.ts"

const result = (backMs: number, lost: number, broken: readonly string[] = []): WireResult => ({
  ...{ client: "nsc", kind: "across nodes", wholeMs: 2 * backMs, broken },
  outage: { sent: 1000, longestGapMs: backMs, backMs, lost },
})
const healCase = {
  title: "the sky falls",
  disturb: async () => {},
  expected: { endpoint: "same", addresses: "same" },
  target: { backMs: 2000 },
} as const

const run = {
  ...{ date: "2026-01-02T03:04:05.000Z", stolen: 0, seconds: 7, rows: [] },
  machine: { cpu: "A Chip", cores: 4, arch: "x64", kernel: "6.1", node: "v24.0.0" },
}

describe("page about healing", () => {
  it("says for each case and kind of wire how long packets did not flow, and how many were lost", () => {
    const reports = reportsOf(healCase, [result(900, 90), result(1200, 120), result(800, 80)])
    const scale = [{ name: "many", measured: "at once", value: 3, unit: "s" }]
    const text = healPage(run, { reports, scale })
    const line =
      /\| the sky falls \| across nodes \| 3 +\| 900 ms +\| 1200 ms +\| 90 +\| 120 +\|.* back in 2 s \| met \|/
    assert.match(text, line)
    assert.match(text, /on 2026-01-02, in 7 s: A Chip/)
    assert.match(text, /\| many \| at once/)
    assert.match(text, /^HEAL_RUNS=3 NSM_WRITE_DOCS=1 npm run bench -- heal$/m)
  })

  for (const [what, results] of [
    ["a run that is too long", [result(900, 90), result(2100, 0)]],
    ["packets that never come back", [result(Infinity, 90)]],
    ["a run that did something else than promised", [result(0, 0, ["another endpoint"])]],
  ] as const) {
    it(`says that ${what} misses the target`, () => {
      const [report] = reportsOf(healCase, results)
      assert.ok(report)
      assert.equal(isMet(report), false)
      assert.match(healPage(run, { reports: [report], scale: [] }), /missed/)
    })
  }

  it("gives the table of all benchmarks a line for what went wrong", () => {
    const [report] = reportsOf(healCase, [result(900, 0, ["another endpoint"])])
    assert.ok(report)
    const wrong = rowsOf(report).find(({ measured }) => measured.includes("not as promised"))
    assert.deepEqual(wrong?.value, 1)
  })
})

describe("bars", () => {
  it("are as long as the times are, the longest fifty characters", () => {
    const text = bars([
      { name: "a", p50: 1000, p99: 2000 },
      { name: "long", p50: 0, p99: 0 },
      { name: "b", p50: 2000, p99: Infinity },
    ])
    const [half = "", none, never = ""] = text.split("\n")
    assert.equal(half, `a    ${"█".repeat(25)}${"░".repeat(25)} 1.00 s to 2.00 s`)
    assert.equal(none, "long 0.00 s to 0.00 s")
    assert.match(never, /2\.00 s to never$/)
  })
})
