import type { Clone } from "../clone.ts"
import type { Issue } from "../forge/issue.ts"
import { tagOf } from "../releases.ts"
import { branchOf, type Update } from "../update.ts"
import type { Cause, Suspect } from "./blame.ts"
import { failureIn } from "./failure.ts"
import { plainText } from "../plain-text.ts"

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

async function suspectText(copy: Clone, suspect: Suspect): Promise<string> {
  const { folder, name, from, to, commits } = suspect
  const head = `### Suspected in ${folder}`
  if (commits.length === 0) return `${head}\n\nNo commit lies between ${from} and ${to}.`
  const why =
    commits.length === 1
      ? `Between \`${tagOf(name, from)}\` and \`${tagOf(name, to)}\` the failure begins with this commit:`
      : "The failure begins with one of these commits; those before the last fail in another way, which hides whether it would come:"
  const shown = await Promise.all(
    commits.slice(-mostCommits).map(async (one) => shownCommit(copy, one, folder)),
  )
  return [head, why, ...shown].join("\n\n")
}

/** How many dependents are shown in full; the others fail for the same commits. */
const mostShown = 3

/** How many commits of which one is to blame are shown. */
const mostCommits = 5

async function shownCommit({ git }: Clone, commit: string, folder: string): Promise<string> {
  const about = await git("show", "--no-patch", "--format=%h%x00%an%x00%s", commit)
  const [short = "", author = "", title = ""] = about.split("\0")
  const stat = ["--first-parent", "-m", "--format=", "--stat=80", commit, "--", folder]
  const lines = (await git("show", ...stat)).split("\n").filter(Boolean)
  const kept = lines.length > 20 ? [...lines.slice(0, 18), "…", lines.at(-1) ?? ""] : lines
  return `**${short}** ${code(plainText(title))} (${author})\n\n${fenced(kept.join("\n"))}`
}

function brokenText({ update, commit, cause }: Blamed): string {
  const { dependent, moves } = update
  const { step = "", log = "" } = cause.findings.failed ?? {}
  const { title, part } = failureIn(log)
  const brought = moves.map(({ link, to }) => `\`${tagOf(link.name, to)}\``)
  const withouts = cause.suspects.map(({ name, from, without: { failed } }) => {
    const found = failed ? `${failed.step} fails, so more cannot be told` : "green"
    return `- with \`${tagOf(name, from)}\` instead: ${found}`
  })
  return [
    `### What fails in ${dependent.folder}`,
    `\`${branchOf(update)}\` brings ${listed(brought)}. Checked alone, twice, its **${step}** fails:`,
    `> ${code(title)}`,
    fenced(part),
    withouts.join("\n"),
    `See it red, then green:`,
    fenced(commandsFor({ update, commit, cause }).join("\n"), "sh"),
  ].join("\n\n")
}

function brokenLine({ update, cause }: Blamed): string {
  const { step = "", log = "" } = cause.findings.failed ?? {}
  return `- \`${branchOf(update)}\`: **${step}** fails: ${code(failureIn(log).title)}`
}

function commandsFor({ update, commit, cause }: Blamed): readonly string[] {
  const { folder } = update.dependent
  const check = (others: readonly (readonly [name: string, at: string])[]): string => {
    const instead = others.map(([name, at]) => ` --instead ${name}=${at}`)
    return `npm run pipeline -- alone ${folder} --commit ${commit.slice(0, 12)}${instead.join("")}`
  }
  const held = cause.held.map(({ name, from }) => [name, tagOf(name, from)] as const)
  const red = cause.suspects.map(({ name, to, commits }) => {
    return [name, commits.at(-1)?.slice(0, 12) ?? tagOf(name, to)] as const
  })
  const [first] = cause.suspects
  if (!first) return [check(held)]
  const before =
    first.commits[0] === undefined
      ? tagOf(first.name, first.from)
      : `${first.commits[0].slice(0, 12)}^`
  return [check([...held, ...red]), check([...held, ...red.slice(1), [first.name, before]])]
}

function endText(dependents: readonly string[]): string {
  return `Nothing downstream of ${listed(dependents)} moves until a release fixes this. Then the update is replaced by one to that release, and this issue is closed when it is green.`
}

function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`
}

/** On one line as it is: what looks like a person would be told of it. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``
}

/** A block that nothing inside can end. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}
