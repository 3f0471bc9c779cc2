import { table } from "../../command-line/table.ts"
import { durationText } from "../duration.ts"
import { stateText, timelineText } from "../timeline-text.ts"
import type { CheckedPackage } from "./packages.ts"
import type { Rehearsal } from "./rehearse.ts"

/** What came of a rehearsal, for a terminal. */
export function rehearsalText(rehearsal: Rehearsal): string {
  const { timeline, packages, red, monolith } = rehearsal
  const rows = packages.map((one) => packageRow(one))
  const head = ["PACKAGE", "STAGE", "CHECKS", "STEPS"]
  const together = monolith?.failed ? [{ folder: "everything as one", ...monolith.failed }] : []
  const logs = [...red, ...together].map(({ folder, step, log }) => `${folder}, ${step}:\n${log}`)
  const parts = [timelineText(timeline), ...logs, table(head, rows)]
  return [...parts, conclusions(rehearsal).join("\n")].join("\n\n")
}

/** A package's checks as cells of a table. */
export function packageRow({ folder, stage, ms, steps }: CheckedPackage): readonly string[] {
  const parts = steps.map((step) => `${step.name} ${durationText(step.ms)}`).join(", ")
  return [folder, `${stage}`, durationText(ms), parts]
}

/** What a rehearsal shows, in sentences. */
export function conclusions(rehearsal: Rehearsal): readonly string[] {
  const { timeline, missing, monolith, isWithoutTests, packages } = rehearsal
  const slowest = packages.toSorted((a, b) => b.ms - a.ms)[0]
  return [
    `${timeline.root}: ${stateText(timeline)}.`,
    ...(missing.length > 0 ? [`It has not reached ${missing.join(", ")}.`] : []),
    ...(slowest
      ? [`The longest checks are those of ${slowest.folder}: ${durationText(slowest.ms)}.`]
      : []),
    ...(isWithoutTests ? ["The packages' linters and tests were left out."] : []),
    ...(monolith ? [monolithText(rehearsal, monolith)] : []),
    machineText(rehearsal),
  ]
}

function monolithText(
  { packages }: Rehearsal,
  monolith: NonNullable<Rehearsal["monolith"]>,
): string {
  const { ms, steps, failed } = monolith
  const parts = steps.map((step) => `${step.name} ${durationText(step.ms)}`).join(", ")
  const end = failed ? `; ${failed.step} failed, so some of it may have ended early` : ""
  const most = Math.max(...packages.map((one) => one.ms))
  return `Everything as one takes ${durationText(ms)} (${parts}${end}); no package alone takes more than ${durationText(most)}.`
}

/** The machine that it ran on. */
export function machineText({ cores, stolen }: Rehearsal): string {
  const share = stolen === undefined ? "" : `, ${(stolen * 100).toFixed(1)} % of their time stolen`
  return `Run on ${cores} ${cores === 1 ? "processor" : "processors"}${share}.`
}
