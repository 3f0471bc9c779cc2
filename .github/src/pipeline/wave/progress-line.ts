import { durationText } from "./duration.ts"
import type { Progress } from "./progress.ts"

/** What an event says on one line. */
export interface ProgressLine {
  readonly word: string
  readonly text: string
  readonly color: "green" | "red" | "yellow" | "dim"
}

/** An event as a line; none where a step only begins. */
export function progressLine(event: Progress): ProgressLine | undefined {
  switch (event.kind) {
    case "step":
      return undefined
    case "released":
      return { word: "released", text: `${event.name} ${event.version}`, color: "green" }
    case "opened":
      return { word: "opened", text: `${event.branch}: ${event.title}`, color: "dim" }
    case "withdrawn":
      return { word: "withdrawn", text: `${event.branch}: ${event.why}`, color: "yellow" }
    case "checking":
      return { word: "checking", text: event.branch, color: "dim" }
    case "checked":
      return checkedLine(event)
    case "reported":
      return { word: "issue", text: `${event.issue.folder}: ${event.issue.title}`, color: "red" }
    case "settled":
      return {
        word: "settled",
        text: `${event.issue.folder}: ${event.issue.title}`,
        color: "green",
      }
    case "merged":
      return { word: "merged", text: event.branch, color: "green" }
    case "rebuilt":
      return { word: "rebuilt", text: event.branch, color: "yellow" }
    case "again":
      return { word: "again", text: event.why, color: "yellow" }
  }
}

function checkedLine({
  branch,
  findings: { verdict, ms, steps, failed },
}: Progress & { kind: "checked" }): ProgressLine {
  const parts = steps.map((step) => `${step.name} ${durationText(step.ms)}`).join(", ")
  const why = failed ? `, ${failed.step} failed` : ""
  const text = `${branch}${why}, ${durationText(ms)} (${parts})`
  return { word: verdict, text, color: verdict }
}
