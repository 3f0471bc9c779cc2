import assert from "node:assert/strict"
import type { Findings } from "../forge/findings.ts"
import { durationText } from "./duration.ts"
import { timelineSvg } from "./timeline-svg.ts"
import { timelineText } from "./timeline-text.ts"
import { timelineOf } from "./timeline.ts"
import type { Wave, WaveUpdate } from "./waves.ts"

const at = (second: number): string => new Date(1_700_000_000_000 + second * 1000).toISOString()

function found(verdict: "green" | "red", from: number, seconds: number): Findings {
  return { verdict, began: at(from), ms: seconds * 1000, steps: [] }
}

function update(
  folder: string,
  stage: number,
  checks: readonly Findings[],
  times: { opened: number; released?: number },
): WaveUpdate {
  const builds = checks.map((findings, index) => {
    const isLast = index === checks.length - 1
    return { commit: `${index}`, brings: [], findings, ...(isLast && { opened: at(times.opened) }) }
  })
  const { released } = times
  const end = released === undefined ? {} : { released: { version: "0.2.0", at: at(released) } }
  return { branch: `update/${folder}/api`, folder, stage, builds, ...end }
}

const wave: Wave = {
  root: "@nsm/api@0.2.0",
  began: at(0),
  state: "done",
  updates: [
    update("sdk", 1, [found("red", 2, 4), found("green", 10, 8)], { opened: 8, released: 20 }),
    update("cmd-a", 2, [found("green", 22, 10)], { opened: 20, released: 40 }),
    update("cmd-b", 2, [found("green", 22, 16)], { opened: 20, released: 40 }),
  ],
  pending: [],
}

describe("the timeline of a wave", () => {
  it("has what was checked beside what, what waited, and what was red", () => {
    const { rows, stages, ms } = timelineOf(wave)
    assert.equal(ms, 40_000)
    assert.deepEqual(
      rows.map(({ folder, bars }) => [
        folder,
        ...bars.map(({ kind, from, to }) => `${kind} ${from / 1000}-${to / 1000}`),
      ]),
      [
        ["sdk", "red 2-6", "waiting 8-10", "checking 10-18", "waiting 18-20"],
        ["cmd-a", "waiting 20-22", "checking 22-32", "waiting 32-40"],
        ["cmd-b", "waiting 20-22", "checking 22-38", "waiting 38-40"],
      ],
    )
    assert.deepEqual(
      stages.map(({ stage, from, to, checkingMs }) => [stage, from, to, checkingMs]),
      [
        [1, 2000, 20_000, 12_000],
        [2, 20_000, 40_000, 26_000],
      ],
    )
  })

  it("tells the checks of a package from its waiting for others to be packed and for a processor", () => {
    const steps = [
      { name: "pack", began: at(2), ms: 3000 },
      { name: "install", began: at(7), ms: 1000 },
      { name: "build", began: at(8), ms: 2000 },
      { name: "test", began: at(14), ms: 1000 },
    ]
    const findings = { ...found("green", 2, 7), steps }
    const updates = [update("sdk", 1, [findings], { opened: 1, released: 16 })]
    const [row] = timelineOf({ ...wave, updates }).rows
    assert.deepEqual(
      row?.bars.map(({ kind, from, to }) => `${kind} ${from / 1000}-${to / 1000}`),
      [
        ...["waiting 1-2", "waiting 2-7", "checking 7-10", "waiting 10-14", "checking 14-15"],
        "waiting 15-16",
      ],
    )
  })

  it("is told as text for a terminal, with everything as one beside it", () => {
    const together = found("green", 50, 80)
    const text = timelineText(timelineOf({ ...wave, together }), { width: 40 })
    assert.equal(
      text,
      `@nsm/api@0.2.0: through 3 packages in 40 s
stage 1: 18 s
  sdk                 xx ·████·                                0.2.0: 12 s checking, 4.0 s waiting
stage 2: 20 s
  cmd-a                        ·█████····                      0.2.0: 10 s checking, 10 s waiting
  cmd-b                        ·████████·                      0.2.0: 16 s checking, 4.0 s waiting
  everything as one  ████████████████████████████████████████  1 min 20 s
█ checking  · waiting  x red`,
    )
  })

  it("is drawn as SVG, which says how each stretch ended", () => {
    const svg = timelineSvg(timelineOf({ ...wave, together: found("green", 50, 80) }))
    assert.match(svg, /^<svg [^]*<\/svg>\n$/)
    assert.equal(svg.match(/class="red"/g)?.length, 1)
    assert.equal(svg.match(/class="checking"/g)?.length, 3)
    assert.equal(svg.match(/class="together"/g)?.length, 1)
    assert.match(svg, /stage 2: 20 s, 26 s of checks/)
    assert.doesNotMatch(timelineSvg(timelineOf(wave)), /class="(together|NaN)"|NaN|Infinity/)
  })

  it("can be told before anything has been checked", () => {
    const open: WaveUpdate = {
      ...update("sdk", 1, [], { opened: 0 }),
      builds: [{ commit: "0", brings: [], opened: at(1) }],
    }
    const timeline = timelineOf({ ...wave, state: "under way", updates: [open] })
    assert.match(timelineText(timeline), /under way, 1\.0 s so far/)
    assert.doesNotMatch(timelineSvg(timeline), /NaN|Infinity/)
  })
})

describe("a span of time", () => {
  for (const [ms, text] of [
    [0, "0 ms"],
    [850, "850 ms"],
    [4230, "4.2 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [59_600, "1 min"],
    [725_000, "12 min 5 s"],
    [3_780_000, "1 h 3 min"],
  ] as const) {
    it(`of ${ms} ms is ${text}`, () => assert.equal(durationText(ms), text))
  }
})
