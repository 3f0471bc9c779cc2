/** Stands for what varies: in a line for any characters, alone on a line for any lines. */
const wildcard = "…"

/**
 * Says where an output differs from what was expected; undefined when it does not. How many blanks
 * stand between columns depends on what varies, and counts as one.
 */
export function difference(expected: string, actual: string): string | undefined {
  const wanted = linesOf(expected)
  const seen = linesOf(actual)
  if (fits(wanted, seen)) return undefined
  // The longest beginning that still fits to some beginning shows where it goes wrong.
  const good = wanted.findLastIndex((_, last) => {
    const beginning = wanted.slice(0, last + 1)
    return seen.some((_, end) => fits(beginning, seen.slice(0, end + 1)))
  })
  const line = wanted[good + 1]
  const where = line === undefined ? "more than expected" : `no line as expected: ${line}`
  return `${where}\n\nexpected:\n${indented(expected)}\n\nfound:\n${indented(actual)}`
}

function fits(wanted: readonly string[], seen: readonly string[]): boolean {
  const lines = wanted.map((line) =>
    line === wildcard ? "(?:.*\\n)*?" : `${line.split(wildcard).map(literal).join(".*")}\\n`,
  )
  return new RegExp(`^${lines.join("")}$`).test(seen.map((line) => `${line}\n`).join(""))
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
}

function linesOf(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/[ \t]+/g, " ").trim())
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "  ")
}
