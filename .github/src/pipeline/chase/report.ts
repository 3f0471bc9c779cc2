import type { Clone } from "../clone.ts"
import type { Forge } from "../forge/forge.ts"
import { hold } from "../hold.ts"
import { tagOf } from "../releases.ts"
import type { Update } from "../update.ts"
import type { Cause } from "./blame.ts"
import type { Chased } from "./chase.ts"
import { failureIn } from "./failure.ts"
import { type Blamed, causeKey, issueFor } from "./issue-text.ts"
import type { State } from "./trace.ts"

/** Says in the proposals, and to the upstreams that are to blame, what has been found out. */
export async function reportCauses(options: {
  readonly forge: Forge
  readonly copy: Clone
  readonly states: readonly State[]
}): Promise<readonly Chased[]> {
  const { forge, copy, states } = options
  const titles = await reportIssues(options)
  const done: Chased[] = []
  for (const { proposal, traced, isRenewed = false } of states) {
    const { branch } = proposal
    if (isRenewed) done.push({ branch, outcome: "renewed", why: "the dependent has changed since" })
    if (!traced) continue
    const { cause } = traced
    const issue = cause.kind === "upstream" ? titles.get(branch) : undefined
    const why = await whyOf(copy, traced, issue)
    await hold(forge, proposal, why)
    const outcome = cause.kind === "upstream" ? "blamed" : cause.kind
    done.push({ branch, outcome, why, ...(issue !== undefined && { issue }) })
  }
  return done
}

/** One issue for all updates that are red because of the same commits. */
async function reportIssues({
  forge,
  copy,
  states,
}: {
  forge: Forge
  copy: Clone
  states: readonly State[]
}): Promise<ReadonlyMap<string, string>> {
  const known = await forge.issues()
  const titles = new Map<string, string>()
  const groups = Map.groupBy(states.flatMap(blamedOf), causeKey)
  for (const [first, ...others] of groups.values()) {
    if (!first) continue
    const issue = await issueFor(copy, [first, ...others])
    const same = known.find(({ key }) => key === issue.key)
    const isSaid =
      same?.title === issue.title &&
      same.text === issue.text &&
      same.updates.join(" ") === issue.updates.join(" ")
    if (!isSaid) await forge.report(issue)
    for (const branch of issue.updates) titles.set(branch, issue.title)
  }
  return titles
}

/** What is to be told to an upstream, if any is to blame. */
export function blamedOf({ proposal: { commit }, traced }: State): readonly Blamed[] {
  if (traced?.cause.kind !== "upstream") return []
  return [{ update: traced.update, commit, cause: traced.cause }]
}

async function whyOf(
  copy: Clone,
  { update, cause }: { readonly update: Update; readonly cause: Cause },
  issue = "",
): Promise<string> {
  const { folder } = update.dependent
  if (cause.kind === "flaky") {
    const { step = "a check", log } = cause.first?.failed ?? {}
    const said = log === undefined ? "" : ` (${failureIn(log).title})`
    return `${step} failed${said}, and ${folder} was green when it was checked alone once more: see what is flaky, or differs beside the others, and have it checked again`
  }
  const { step = "", log = "" } = cause.findings.failed ?? {}
  if (cause.kind === "own") {
    const releases = update.moves.map(({ link, to }) => tagOf(link.name, to)).join(" and ")
    return `${step} of ${folder} fails without ${releases} as well: ${failureIn(log).title}`
  }
  const commits = await Promise.all(
    cause.suspects.map(async ({ name, folder: of, to, commits: all }) => {
      const last = all.at(-1)
      return last === undefined
        ? tagOf(name, to)
        : `${await copy.git("rev-parse", "--short", last)} in ${of}`
    }),
  )
  const together = commits.length > 1 ? " came together" : ""
  return `${step} fails since ${commits.join(" and ")}${together}; see the issue "${issue}"`
}
