import { durationText } from "./duration.ts"
import { type Bar, type BarKind, checkingMs, waitingMs } from "./bars.ts"
import type { Row, Timeline } from "./timeline.ts"

const signs: Readonly<Record<BarKind, string>> = { waiting: "·", checking: "█", red: "x" }

/** A wave as text, so many columns wide, for a terminal. */
export function timelineText(timeline: Timeline, { width = 60 } = {}): string {
  const { root, rows, stages, ms, togetherMs } = timeline
  const whole = Math.max(ms, togetherMs ?? 0, 1)
  const label = Math.max(...rows.map(({ folder }) => folder.length), "everything as one".length)
  const line = (name: string, bars: readonly Bar[], said: string): string =>
    `  ${name.padEnd(label)}  ${barText(bars, whole, width)}  ${said}`.trimEnd()
  const parts = stages.flatMap(({ stage, from, to }) => [
    `stage ${stage}: ${durationText(to - from)}`,
    ...rows
      .filter((row) => row.stage === stage)
      .map((row) => line(row.folder, row.bars, said(row))),
  ])
  const isRed = rows.some(({ bars }) => bars.some(({ kind }) => kind === "red"))
  const one = { kind: "checking", from: 0, to: togetherMs ?? 0 } as const
  return [
    `${root}: ${stateText(timeline)}`,
    ...parts,
    ...(togetherMs === undefined
      ? []
      : [line("everything as one", [one], durationText(togetherMs))]),
    `${signs.checking} checking  ${signs.waiting} waiting${isRed ? `  ${signs.red} red` : ""}`,
  ].join("\n")
}

/** How a wave stands, in words. */
export function stateText({ state, ms, rows }: Timeline): string {
  if (state === "done")
    return `through ${rows.length} ${rows.length === 1 ? "package" : "packages"} in ${durationText(ms)}`
  return `${state}, ${durationText(ms)} so far`
}

function barText(bars: readonly Bar[], whole: number, width: number): string {
  const cells = Array.from({ length: width }, () => " ")
  const column = (at: number): number => Math.min(width - 1, Math.floor((at / whole) * width))
  // What is checked covers what waits where both fall into one column.
  const order: readonly BarKind[] = ["waiting", "checking", "red"]
  for (const bar of bars.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
    for (let at = column(bar.from); at <= column(Math.max(bar.from, bar.to - 1)); at++) {
      cells[at] = signs[bar.kind]
    }
  }
  return cells.join("")
}

/** How long a package was checked and how long it waited, and what came of it. */
function said({ bars, outcome }: Row): string {
  const [checked, waited] = [durationText(checkingMs(bars)), durationText(waitingMs(bars))]
  return `${outcome}: ${checked} checking, ${waited} waiting`
}
