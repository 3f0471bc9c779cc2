import { alone } from "../alone/check-alone.ts"
import { workFolder } from "../alone/work-folder.ts"
import type { CheckStepOptions } from "../check.ts"
import { clone, type Clone } from "../clone.ts"
import { type Plan, planOf } from "../plan.ts"
import { type Checks, recallProbes } from "./probes.ts"
import { reportCauses } from "./report.ts"
import { settleIssues } from "./settle.ts"
import { traceRed } from "./trace.ts"

/** What became of a red update, or of an issue. */
export interface Chased {
  /** The branch of the update; of several that an issue was about. */
  readonly branch: string
  readonly outcome: "blamed" | "own" | "flaky" | "renewed" | "settled"
  readonly why: string
  /** The title of the issue that was opened, renewed or settled. */
  readonly issue?: string
}

/** How red updates are checked again. */
export interface ChaseOptions extends Omit<CheckStepOptions, "again"> {
  /** What checks packages of a clone alone. @default as `check` does */
  readonly checksOf?: (copy: Clone, plan: Plan) => Checks
}

/**
 * Finds out what each red update is red of, and says so: in the proposal, and in an issue at the
 * upstream that is to blame. Issues whose updates have become green are settled.
 */
export async function chase(options: ChaseOptions): Promise<readonly Chased[]> {
  const { forge, checksOf, ...how } = options
  await using copy = await clone(options)
  await using place = await workFolder(options.work)
  const plan = await planOf(copy)
  const open = await forge.proposals()
  await recallProbes(
    copy,
    open.map(({ commit }) => commit),
  )
  const checks =
    checksOf?.(copy, plan) ?? alone({ copy, graph: plan.graph, ...how, work: place.folder })
  const states = await traceRed({ forge, copy, plan, open, checks })
  const reported = await reportCauses({ forge, copy, states })
  return [...reported, ...(await settleIssues({ forge, plan, states }))]
}
