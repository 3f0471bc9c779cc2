import { NsmError, parseSpiffeId } from "@nsm/sdk"
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml"
import type { Entry } from "./entry.ts"

/** Whose entries they are, and how the file is called in errors. */
export interface ParseEntriesOptions {
  readonly file: string
  readonly trustDomain: string
}

const selectorForms = {
  uid: { form: "a whole number", fits: isNumber },
  gid: { form: "a whole number", fits: isNumber },
  pid: { form: "a whole number", fits: isNumber },
  exe: { form: "an absolute path", fits: isPath },
  netns: { form: "an absolute path such as /run/netns/blue", fits: isPath },
} as const

/**
 * Reads entries, a YAML list of `id` and `selectors`. Everything that is wrong is said at once, each
 * with line and field, in one INVALID_CONFIGURATION.
 */
export function parseEntries(text: string, options: ParseEntriesOptions): readonly Entry[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const { file } = options
  const problems = document.errors.map(
    ({ linePos, message }) => `${file}:${linePos?.[0].line ?? 1}: ${message.split("\n")[0]}`,
  )
  const complain = (node: unknown, field: string, what: string): void => {
    const range = (node as Node | null)?.range ?? [0]
    problems.push(`${file}:${lines.linePos(range[0]).line}: ${field}: ${what}`)
  }
  const content: unknown = document.contents
  const isEmpty = content === null || (isScalar(content) && content.value === null)
  if (problems.length === 0 && !isEmpty) {
    if (isSeq(content)) {
      for (const [index, item] of content.items.entries()) {
        check(item, `[${index}]`, { ...options, complain })
      }
    } else complain(content, "(top)", "is no list of entries")
  }
  if (problems.length === 0) return (document.toJS() ?? []) as readonly Entry[]
  const list = problems.map((problem) => `\n  ${problem}`).join("")
  throw new NsmError("INVALID_CONFIGURATION", `${file} holds no entries:${list}`)
}

interface Checking extends ParseEntriesOptions {
  readonly complain: (node: unknown, field: string, what: string) => void
}

function check(item: unknown, field: string, checking: Checking): void {
  const { complain, trustDomain } = checking
  if (!isMap(item)) return complain(item, field, "is no entry: write id and selectors")
  refuseUnknown(item, ["id", "selectors"], field, checking)
  const id: unknown = item.get("id")
  const problem = idProblem(id, trustDomain)
  if (problem) complain(item.get("id", true) ?? item, `${field}.id`, problem)
  const selectors: unknown = item.get("selectors")
  if (!isMap(selectors) || selectors.items.length === 0) {
    complain(
      item.get("selectors", true) ?? item,
      `${field}.selectors`,
      `has to name at least one of ${Object.keys(selectorForms).join(", ")}`,
    )
    return
  }
  refuseUnknown(selectors, Object.keys(selectorForms), `${field}.selectors`, checking)
  for (const [name, { form, fits }] of Object.entries(selectorForms)) {
    if (!selectors.has(name) || fits(selectors.get(name))) continue
    complain(selectors.get(name, true), `${field}.selectors.${name}`, `is not ${form}`)
  }
}

function refuseUnknown(
  map: YAMLMap,
  known: readonly string[],
  field: string,
  { complain }: Checking,
): void {
  for (const { key } of map.items as readonly Pair[]) {
    const name = isScalar(key) ? String(key.value) : "?"
    if (known.includes(name)) continue
    complain(key, `${field}.${name}`, `is not known here; there are ${known.join(", ")}`)
  }
}

function idProblem(id: unknown, trustDomain: string): string | undefined {
  if (typeof id !== "string") return "is missing: write spiffe://trust-domain/path"
  try {
    const parsed = parseSpiffeId(id)
    if (parsed.trustDomain !== trustDomain) {
      return `is of the trust domain ${parsed.trustDomain}, but only ${trustDomain} is given out here`
    }
    return parsed.path === "" ? "is the trust domain itself: give it a path" : undefined
  } catch (failure) {
    return NsmError.from(failure).text
  }
}

function isNumber(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("/")
}
