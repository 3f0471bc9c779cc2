import type { Clone } from "../clone.ts"
import type { Issue } from "../forge/issue.ts"
import { tagOf } from "../releases.ts"
import { branchOf, type Update } from "../update.ts"
import type { Cause } from "./blame.ts"
import { brokenLine, brokenText } from "./broken-text.ts"
import { listed } from "./markdown.ts"
import { suspectText } from "./suspect-text.ts"

/** An update that is red because of releases. */
export interface Blamed {
  readonly update: Update
  readonly commit: string
  readonly cause: Extract<Cause, { kind: "upstream" }>
}

/** The same for updates that are red because of the same commits. */
export function causeKey({ cause }: Blamed): string {
  const all = cause.suspects.map(({ folder, to, commits }) => `${folder} ${commits.at(-1) ?? to}`)
  return all.toSorted().join(", ")
}

/** What the upstream is told of all updates that are red because of the same commits. */
export async function issueFor(copy: Clone, all: readonly [Blamed, ...Blamed[]]): Promise<Issue> {
  const [first] = all
  const { suspects } = first.cause
  const dependents = all.map(({ update }) => update.dependent.folder)
  const releases = suspects.map(({ name, to }) => tagOf(name, to))
  const together = releases.length > 1 ? " together" : ""
  const parts = [
    ...(await Promise.all(suspects.map(async (one) => suspectText(copy, one)))),
    ...all.slice(0, mostShown).map(brokenText),
    ...(all.length > mostShown ? [all.slice(mostShown).map(brokenLine).join("\n")] : []),
    endText(dependents),
  ]
  return {
    folder: suspects[0]?.folder ?? first.update.upstream.folder,
    key: causeKey(first),
    title: `${listed(dependents)} ${dependents.length > 1 ? "fail" : "fails"} with ${listed(releases)}${together}`,
    text: parts.join("\n\n"),
    updates: all.map(({ update }) => branchOf(update)),
  }
}

/** How many dependents are shown in full; the others fail for the same commits. */
const mostShown = 3

function endText(dependents: readonly string[]): string {
  return `Nothing downstream of ${listed(dependents)} moves until a release fixes this. Then the update is replaced by one to that release, and this issue is closed when it is green.`
}
