import { markdownTable } from "../markdown-table.ts"
import { parts } from "../lab/mesh.ts"
import type { Side } from "../lab/member.ts"
import type { Check, Role } from "./check.ts"
import type { Report, Verdict } from "./result.ts"

/** What was seen of all parts of both sides. */
export type Reports = Readonly<Record<Side, readonly Report[]>>

const sideNames: Readonly<Record<Side, string>> = { ours: "Ours", go: "Go" }
const sides = ["ours", "go"] as const
const marks: Readonly<Record<Verdict, string>> = { pass: "✓", fail: "✗", "not applicable": "–" }

/** How many checks each part passes. */
export function summary(reports: Reports): string {
  const rows = parts.map((role) => {
    const counts = sides.map((side) => {
      const results = of(reports[side], role)?.results ?? []
      const passed = results.filter(({ verdict }) => verdict === "pass").length
      return `${passed} of ${results.length}`
    })
    return [role, ...counts]
  })
  return markdownTable([["Part", ...sides.map((side) => sideNames[side])], ...rows])
}

/** What each side fails, and what was seen instead. */
export function failures(reports: Reports): string {
  return sides
    .map((side) => {
      const lines = reports[side].flatMap(({ role, results }) =>
        results
          .filter(({ verdict }) => verdict !== "pass")
          .map(({ id, title, seen }) => `- ${role}, \`${id}\`: ${title} Seen: ${seen}.`),
      )
      return `### ${sideNames[side]}\n\n${lines.join("\n") || "Nothing."}`
    })
    .join("\n\n")
}

/** Every check with its verdicts; a column has a mark for each part that the check concerns. */
export function allVerdicts(checks: readonly Check[], reports: Reports): string {
  const rows = checks.map(({ id, title, source, roles }) => [
    `\`${id}\``,
    title,
    source,
    roles.join(", "),
    ...sides.map((side) =>
      roles.map((role) => marks[verdictOf(of(reports[side], role), id)]).join(" "),
    ),
  ])
  const head = ["Check", "What has to be so", "Source", "Parts"]
  return markdownTable([[...head, ...sides.map((side) => sideNames[side])], ...rows])
}

function of(reports: readonly Report[], role: Role): Report | undefined {
  return reports.find((report) => report.role === role)
}

function verdictOf(report: Report | undefined, id: string): Verdict {
  return report?.results.find((result) => result.id === id)?.verdict ?? "not applicable"
}
