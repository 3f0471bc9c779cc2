import { markdownTable } from "./markdown-table.ts"
import { type Row, type Target, verdict } from "./row.ts"

/** Rows as a table in Markdown, which reads well on a terminal too. */
export function table(rows: readonly Row[]): string {
  return markdownTable([["What", "How", "Target", "Result", ""], ...rows.map(line)])
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
