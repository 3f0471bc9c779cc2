import type { Clone } from "../clone.ts"
import type { Forge, OpenProposal, Verdict } from "../forge/forge.ts"
import type { Plan } from "../plan.ts"
import { hasForeignHead, isBuilt, pushUpdate, textOf, titleOf } from "../update-branch.ts"
import { branchOf, type Update } from "../update.ts"
import { blame, type Cause } from "./blame.ts"
import { type Checks, rememberedProbes } from "./probes.ts"

/** How an open update stands; one whose checks have not ended, or that is held, has no cause yet. */
export interface State {
  readonly proposal: OpenProposal
  readonly verdict: Verdict
  readonly traced?: { readonly update: Update; readonly cause: Cause }
  /** It was built anew, since its dependent has changed. */
  readonly isRenewed?: boolean
}

/** Finds the causes of all open updates that are red. */
export async function traceRed(options: {
  readonly forge: Forge
  readonly copy: Clone
  readonly plan: Plan
  readonly open: readonly OpenProposal[]
  readonly checks: Checks
}): Promise<readonly State[]> {
  const { forge, copy, plan, open, checks } = options
  const states: State[] = []
  for (const proposal of open) {
    const { branch, commit } = proposal
    const verdict = await forge.verdict(commit)
    const state = { proposal, verdict }
    const update = plan.updates.find((one) => branchOf(one) === branch)
    const isMeant = update && update.waitsFor === undefined && (await isBuilt(copy, update))
    if (verdict !== "red" || !isMeant) {
      states.push(state)
      continue
    }
    const { folder } = update.dependent
    const base = await copy.git("merge-base", "origin/main", commit)
    const isOld = (await treeOf(copy, base, folder)) !== (await treeOf(copy, "origin/main", folder))
    if (isOld && !(await hasForeignHead(copy, branch))) {
      await pushUpdate({ copy, update })
      await forge.propose({ branch, title: titleOf(update), text: await textOf(copy, update) })
      states.push({ ...state, verdict: "none", isRenewed: true })
      continue
    }
    const probes = rememberedProbes({ copy, checks, about: commit })
    const cause = await blame({ copy, graph: plan.graph, update, commit, base, probes })
    states.push({ ...state, traced: { update, cause } })
  }
  return states
}

async function treeOf({ git }: Clone, commit: string, folder: string): Promise<string> {
  return git("rev-parse", `${commit}:${folder}`)
}
