import { plainText } from "../plain-text.ts"

/** The first thing that failed in what was said. */
export interface Failure {
  /** A test's title, or what a compiler or npm says first. */
  readonly title: string
  /** What was said about it, and little else. */
  readonly part: string
}

/** Finds what failed first: a test of mocha, what npm ls or the compiler refuse, or an error thrown. */
export function failureIn(log: string): Failure {
  const lines = plainText(log).split("\n")
  for (const find of [mocha, npmLs, compiler, thrown]) {
    const found = find(lines)
    if (found) return bounded(found)
  }
  const said = lines.filter((line) => line.trim() !== "")
  return bounded({ title: said.at(-1) ?? "nothing was said", part: said.slice(-20).join("\n") })
}

type Find = (lines: readonly string[]) => Failure | undefined

const mocha: Find = (lines) => {
  const count = lines.findIndex((line) => /^\s+\d+ failing$/.test(line))
  if (count === -1) return undefined
  const from = lines.findIndex((line, index) => index > count && /^\s+1\) /.test(line))
  if (from === -1) return undefined
  const next = lines.findIndex((line, index) => index > from && /^\s+2\) /.test(line))
  const own = lines.slice(from, next === -1 ? undefined : next)
  const last = own.findIndex((line) => line.trimEnd().endsWith(":"))
  const titles = own.slice(0, last + 1).map((line) => line.replace("1) ", "").trim())
  return { title: titles.join(" ").replace(/:$/, ""), part: own.filter(isOurs).join("\n") }
}

const npmLs: Find = (lines) => {
  const refused = lines.filter((line) =>
    /^npm (error|ERR!) (invalid|missing|extraneous|peer dep)/.test(line),
  )
  const [first] = refused
  if (first === undefined) return undefined
  return { title: first.replace(/^npm \S+ /, ""), part: refused.join("\n") }
}

const compiler: Find = (lines) => {
  const at = lines.findIndex((line) => /(\(\d+,\d+\):|:\d+:\d+ -) error TS\d+: /.test(line))
  if (at === -1) return undefined
  return { title: lines[at] ?? "", part: lines.slice(at, at + 15).join("\n") }
}

const thrown: Find = (lines) => {
  const at = lines.findIndex((line) => /^\s*(Uncaught )?(\w*Error|DOMException)\b.*: /.test(line))
  if (at === -1) return undefined
  const part = lines.slice(Math.max(0, at - 5), at + 15).filter(isOurs)
  return { title: lines[at]?.trim() ?? "", part: part.join("\n") }
}

/** Where Node itself was says nothing about the package. */
function isOurs(line: string): boolean {
  return !/^\s+at .*\(?node:/.test(line)
}

/** Short enough to be read, and for any forge. */
function bounded({ title, part }: Failure): Failure {
  const lines = part.replace(/^\n+/, "").trimEnd().split("\n")
  const kept = lines.slice(0, 60).map((line) => cut(line, 200))
  const more = lines.length > kept.length ? ["…"] : []
  return { title: cut(title.trim(), 200), part: cut([...kept, ...more].join("\n"), 5000) }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
