import { NsmError } from "@nsm/sdk"
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from "yaml"
import { checkTopology } from "./check.ts"
import type { Topology } from "./topology.ts"

/**
 * Reads a topology from YAML text. Everything that is wrong is said at once, each with line and
 * field, in one INVALID_CONFIGURATION. `file` is only named in errors.
 */
export function parseTopology(text: string, file: string): Topology {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const syntax = document.errors.map(
    (error) => `  ${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0]}`,
  )
  if (syntax.length > 0) throw notOne(file, syntax)
  const value: unknown = document.toJS() ?? {}
  const problems = checkTopology(value)
    .map(({ path, what }) => ({ line: lineOf(document, lines, path), path, what }))
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, path, what }) => `  ${file}:${line}: ${path.join(".") || "(top)"}: ${what}`)
  if (problems.length > 0) throw notOne(file, problems)
  return value as Topology
}

function notOne(file: string, problems: readonly string[]): NsmError {
  return new NsmError("INVALID_CONFIGURATION", `${file} is no topology:\n${problems.join("\n")}`)
}

/** The line of a field, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true)
    const key = isMap(parent)
      ? parent.items.find((item) => isPair(item) && String(item.key) === path[depth - 1])?.key
      : document.getIn(path.slice(0, depth), true)
    if (isNode(key) && key.range) return lines.linePos(key.range[0]).line
  }
  return 1
}
