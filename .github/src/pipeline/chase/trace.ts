import type { Clone } from "../clone.ts"
import type { Forge, OpenProposal, Verdict } from "../forge/forge.ts"
import type { Plan } from "../plan.ts"
import { hasForeignHead, isBuilt, isStale, pushUpdate, textOf, titleOf } from "../update-branch.ts"
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

/** What tracing works on. */
export interface TraceOptions {
  readonly forge: Forge
  readonly copy: Clone
  readonly plan: Plan
  readonly open: readonly OpenProposal[]
  readonly checks: Checks
}

/** Finds the causes of all open updates that are red. */
export async function traceRed(options: TraceOptions): Promise<readonly State[]> {
  const { copy, plan, checks } = options
  const found: (State & { readonly red?: Update })[] = []
  for (const proposal of options.open) found.push(await lookAt(options, proposal))
  const traced = found.map(async ({ red: update, ...state }): Promise<State> => {
    if (!update) return state
    const { commit } = state.proposal
    const first = await options.forge.findings(commit)
    const probes = rememberedProbes({ copy, checks, about: commit })
    const cause = await blame({ copy, graph: plan.graph, update, commit, first, probes })
    return { ...state, traced: { update, cause } }
  })
  // What still runs when one breaks off is remembered for the next run.
  await Promise.allSettled(traced)
  return await Promise.all(traced)
}

/** How a proposal stands, and the update that is to be traced, if it is red as it should be. */
async function lookAt(
  { forge, copy, plan }: TraceOptions,
  proposal: OpenProposal,
): Promise<State & { readonly red?: Update }> {
  const { branch, commit } = proposal
  const verdict = await forge.verdict(commit)
  const update = plan.updates.find((one) => branchOf(one) === branch)
  const isMeant = update && update.waitsFor === undefined && (await isBuilt(copy, update))
  if (verdict !== "red" || !isMeant) return { proposal, verdict }
  const isOld = await isStale(copy, update, commit)
  if (!isOld || (await hasForeignHead(copy, branch))) return { proposal, verdict, red: update }
  await pushUpdate({ copy, update })
  await forge.propose({ branch, title: titleOf(update), text: await textOf(copy, update) })
  return { proposal, verdict: "none", isRenewed: true }
}
