import assert from "node:assert/strict"
import { pageText } from "./page.ts"
import { rehearsalText } from "./rehearsal-text.ts"
import type { Rehearsal } from "./rehearse.ts"

const steps = [
  { name: "install", ms: 4000 },
  { name: "test", ms: 38_000 },
]

const passed = {
  verdict: "green",
  began: "2026-01-01T00:10:00.000Z",
  ms: 600_000,
  steps: [{ name: "npm test", ms: 600_000 }],
} as const

const rehearsal: Rehearsal = {
  from: "api",
  red: [],
  isThrough: true,
  missing: [],
  isWithoutTests: false,
  timeline: {
    root: "@nsm/api@0.2.0",
    began: "2026-01-01T00:00:00.000Z",
    state: "done",
    rows: [
      {
        folder: "sdk",
        stage: 1,
        bars: [{ kind: "checking", from: 0, to: 42_000 }],
        outcome: "0.2.0",
      },
    ],
    stages: [{ stage: 1, folders: ["sdk"], from: 0, to: 44_000, checkingMs: 42_000 }],
    ms: 44_000,
    togetherMs: 600_000,
  },
  packages: [{ folder: "sdk", stage: 1, ms: 42_000, steps }],
  monolith: passed,
  cores: 2,
  stolen: 0.0312,
}

describe("what a rehearsal shows", () => {
  it("is a page with the date, the machine, each stage and each package, and everything as one", () => {
    const text = pageText(rehearsal, new Date("2026-01-01T12:00:00Z"))
    for (const line of [
      "<!-- Written by npm run pipeline -- rehearse --from api --beside-monolith --page -->",
      "as they were on 2026-01-01",
      "- Run on 2 processors, 3.1 % of their time stolen.",
      "| 1     | 1        | 44 s                    | 42 s                        |",
      "| sdk     | 1     | 42 s   | install 4.0 s, test 38 s |",
      "- Everything as one takes 10 min (npm test 10 min); no package alone takes more than 42 s.",
      "![Which packages were checked beside which](wave.svg)",
    ]) {
      assert.ok(text.includes(line), `${line}\n${text}`)
    }
  })

  it("says which packages a wave has not reached, and what was left out", () => {
    const red = [{ folder: "cmd-nsc", step: "test", log: "1 failing" }]
    const how = { isThrough: false, missing: ["cmd-nsc"], isWithoutTests: true }
    const failed = { step: "npm test", log: "2 failing" }
    const monolith = { ...passed, verdict: "red", failed } as const
    const stopped = { ...rehearsal, ...how, red, monolith }
    const text = rehearsalText(stopped)
    assert.match(text, /It has not reached cmd-nsc\./)
    assert.match(text, /^cmd-nsc, test:\n1 failing$/m)
    assert.match(text, /^everything as one, npm test:\n2 failing$/m)
    assert.match(text, /npm test failed, so some of it may have ended early/)
    assert.match(text, /linters and tests were left out/)
    assert.match(
      pageText(stopped, new Date()),
      /rehearse --from api --without-tests --beside-monolith --page/,
    )
  })
})
