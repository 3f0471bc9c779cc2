import { markdownTable } from "../markdown-table.ts"

/** What works in each mix, as a table: a row for each mix, a column for each thing that was tried. */
export function matrixTable(outcomes: ReadonlyMap<string, ReadonlyMap<string, boolean>>): string {
  const columns = [...(outcomes.values().next().value ?? new Map<string, boolean>()).keys()]
  const rows = [...outcomes].map(([title, tried]) => [
    title,
    ...columns.map((column) => (tried.get(column) === true ? "✓" : "✗")),
  ])
  return markdownTable([["Mesh", ...columns], ...rows])
}
