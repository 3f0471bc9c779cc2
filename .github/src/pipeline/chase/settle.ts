import type { Forge } from "../forge/forge.ts"
import type { Issue } from "../forge/issue.ts"
import type { Plan } from "../plan.ts"
import { tagOf } from "../releases.ts"
import type { Chased } from "./chase.ts"
import { causeKey } from "./issue-text.ts"
import { blamedOf } from "./report.ts"
import type { State } from "./trace.ts"

/** Closes the issues that stop no update any more. One that is still being checked is waited for. */
export async function settleIssues({
  forge,
  plan,
  states,
}: {
  readonly forge: Forge
  readonly plan: Plan
  readonly states: readonly State[]
}): Promise<readonly Chased[]> {
  const done: Chased[] = []
  for (const issue of await forge.issues()) {
    const reasons = issue.updates.map((branch) => {
      const state = states.find(({ proposal }) => proposal.branch === branch)
      return state ? overOf(issue, state) : goneText(plan, branch)
    })
    if (reasons.includes(undefined)) continue
    const why = [...new Set(reasons)].join("; ")
    await forge.settle(issue.key, why)
    done.push({ branch: issue.updates.join(", "), outcome: "settled", why, issue: issue.title })
  }
  return done
}

/** Why an issue is over for an update that is open; nothing while it is not, or is not known to be. */
function overOf(issue: Issue, state: State): string | undefined {
  const { branch } = state.proposal
  if (state.verdict === "green") return `${branch} is green`
  if (!state.traced || blamedOf(state).some((one) => causeKey(one) === issue.key)) return undefined
  return `${branch} is red of something else`
}

/** An update that is not open has been merged, or has nothing to bring. */
function goneText({ graph }: Plan, branch: string): string {
  const [, slug] = branch.split("/")
  const dependent = graph.find(({ folder }) => folder.replace(/^\./, "dot-") === slug)
  if (!dependent) return `${branch} is gone`
  const releases = dependent.links.map(({ name, version }) => tagOf(name, version))
  return `${dependent.folder} is built on ${releases.join(", ")}`
}
