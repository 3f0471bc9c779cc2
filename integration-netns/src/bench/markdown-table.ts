/** Lines of cells, the head first, as a table in Markdown that reads well on a terminal too. */
export function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const cells = [head, ...body]
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0), 3),
  )
  const [top = "", ...lines] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  )
  return [top, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines].join("\n")
}
