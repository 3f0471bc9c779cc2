import assert from "node:assert/strict"
import { hasFailed, report, type PackageOutcome } from "./outcome.ts"

const api: PackageOutcome = { folder: "api", ms: 1234, passed: 3, failed: [], skipped: [] }
const kernel: PackageOutcome = {
  folder: "sdk-kernel",
  ms: 56_789,
  passed: 2,
  failed: ["a link is made"],
  skipped: [
    { title: "a link is moved", reason: "needs root" },
    { title: "a link is red", reason: "to be written" },
    { title: "a link is named", reason: "needs root" },
  ],
}

describe("the report on all tests", () => {
  it("ends with one line that adds up every package", () => {
    assert.equal(
      report([api, kernel]).trimEnd().split("\n").at(-1),
      "5 passed, 1 failed, 3 skipped",
    )
  })

  it("shows the time of each package, what was skipped and why, and what failed", () => {
    const lines = [
      "",
      "api            1.2 s  3 passed, 0 failed, 0 skipped",
      "sdk-kernel    56.8 s  2 passed, 1 failed, 3 skipped",
      "",
      "Skipped:",
      "  sdk-kernel: needs root",
      "    a link is moved",
      "    a link is named",
      "  sdk-kernel: to be written",
      "    a link is red",
      "",
      "Failed:",
      "  sdk-kernel: a link is made",
      "",
      "5 passed, 1 failed, 3 skipped",
      "",
    ]
    assert.equal(report([api, kernel]), lines.join("\n"))
  })

  it("is a failure as soon as one test failed", () => {
    assert.deepEqual([hasFailed([api]), hasFailed([api, kernel])], [false, true])
  })
})
