import assert from "node:assert/strict"
import { Writable } from "node:stream"
import type { Progress } from "../wave/progress.ts"
import { live } from "./live.ts"

const checked: Progress = {
  kind: "checked",
  branch: "update/sdk/api",
  findings: {
    verdict: "red",
    began: "2026-01-01T00:00:00.000Z",
    ms: 4200,
    steps: [
      { name: "build", ms: 3000 },
      { name: "test", ms: 1200 },
    ],
    failed: { step: "test", log: "no" },
  },
}

/** What is written while a check begins and ends. */
function written(terminal: { isTTY: boolean; columns?: number }): string {
  let text = ""
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString()
      done()
    },
  })
  const stream = Object.assign(sink, terminal) as unknown as NodeJS.WriteStream
  let time = 0
  using progress = live({ stream, now: () => time })
  progress.tell({ kind: "step", step: "check" })
  time = 1500
  progress.tell({ kind: "checking", branch: "update/sdk/api" })
  time = 5700
  progress.tell(checked)
  return text
}

describe("progress on the command line", () => {
  it("is plain lines where there is no terminal", () => {
    assert.equal(
      written({ isTTY: false }),
      `      1.5 s  checking   update/sdk/api
      5.7 s  red        update/sdk/api, test failed, 4.2 s (build 3.0 s, test 1.2 s)
`,
    )
  })

  it("says on the last line of a terminal what is running, no longer than that line", () => {
    const text = written({ isTTY: true, columns: 25 })
    assert.match(text, /1\.5 s {2}check {2}update\/sdk(?!\/)/)
    assert.match(text, /update\/sdk\/api, test failed/)
  })
})
