import { checks } from "./checks.ts"
import type { Report, Result, Verdict } from "./result.ts"

const verdicts: readonly Verdict[] = ["pass", "fail", "not applicable"]

/** A report for a terminal: a line for each check, then how many there were of what. */
export function terminalReport({ role, address, results }: Report): string {
  const width = Math.max(...results.map(({ id }) => id.length), 0)
  const lines = results.map(({ id, verdict, seen }) =>
    [(verdict === "not applicable" ? "-" : verdict).padEnd(4), id.padEnd(width), seen].join("  "),
  )
  return [...lines, "", `${role} at ${address}: ${sums(results)}`].join("\n")
}

/** A report as a page of Markdown. */
export function markdownReport({ role, address, results }: Report): string {
  const rows = results.map(({ id, title, source, verdict, seen }) =>
    [`\`${id}\``, title, source, verdict, cell(seen)].join(" | "),
  )
  return [
    `# Conformance of the ${role} at ${address}`,
    "",
    `${sums(results)}.`,
    "",
    "| Check | What has to be so | Source | Verdict | Seen |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n")
}

/** A report for programs. */
export function jsonReport(report: Report): string {
  return `${JSON.stringify({ schemaVersion: 1, ...report }, undefined, 2)}\n`
}

/** All checks, for whoever wants to know what there is. */
export function listOfChecks(): string {
  return checks
    .map(({ id, title, source, roles }) => `${id}  (${roles.join(", ")})\n  ${title}\n  ${source}`)
    .join("\n")
}

/** How many results there are of each kind. */
export function sums(results: readonly Result[]): string {
  return verdicts
    .map((wanted) => `${results.filter(({ verdict }) => verdict === wanted).length} ${wanted}`)
    .join(", ")
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|")
}
