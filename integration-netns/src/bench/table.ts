import { type Row, type Target, verdict } from "./row.ts"

/** Rows as a table in Markdown, which reads well on a terminal too. */
export function table(rows: readonly Row[]): string {
  const head = ["What", "How", "Target", "Result", ""]
  const cells = [head, ...rows.map(line)]
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0), 3),
  )
  const [top = "", ...body] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  )
  return [top, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n")
}

function line(row: Row): string[] {
  const result = row.value === undefined ? (row.skipped ?? "") : number(row.value, row.unit)
  return [
    row.name,
    row.measured,
    row.target ? wanted(row.target, row.unit) : "",
    result,
    verdict(row),
  ]
}

function wanted(target: Target, unit: string): string {
  return "atMost" in target
    ? `≤ ${number(target.atMost, unit)}`
    : `≥ ${number(target.atLeast, unit)}`
}

/** Three digits that count, and the unit. */
function number(value: number, unit: string): string {
  const digits =
    Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  return `${Number(value.toFixed(digits))} ${unit}`.trim()
}
