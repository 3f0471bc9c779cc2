import Table from "cli-table3"

/** A table with a head and no rules but blanks, as kubectl prints it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const edges = ["top", "bottom", "left", "right"].flatMap((side) => [
    side,
    `${side}-mid`,
    `${side}-left`,
    `${side}-right`,
  ])
  const chars = Object.fromEntries(
    [...edges, "mid", "left-mid", "mid-mid", "right-mid", "middle"].map((c) => [c, ""]),
  )
  const made = new Table({
    head: [...head],
    chars: { ...chars, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  })
  made.push(...rows.map((row) => [...row]))
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
}
