import { workFolder } from "../alone/work-folder.ts"
import { chase, type Chased, type ChaseOptions } from "../chase/chase.ts"
import { check, type CheckStepOptions } from "../check.ts"
import { clone, type StepOptions } from "../clone.ts"
import { canBeTold } from "../forge/bare-forge.ts"
import { merge } from "../merge.ts"
import { PipelineError } from "../pipeline-error.ts"
import { planOf } from "../plan.ts"
import { propagate } from "../propagate.ts"
import { startChecks } from "../start-checks.ts"
import { release } from "../release.ts"
import { historyOf } from "./history.ts"
import type { Progress, StepName } from "./progress.ts"
import { watched } from "./watched.ts"
import { type Wave, wavesOf } from "./waves.ts"

/** What a wave is given beside its forge. */
export interface WaveOptions extends CheckStepOptions, Pick<ChaseOptions, "checksOf"> {
  readonly onProgress?: (event: Progress) => void
}

/** How often in a row a round begins anew because somebody else pushed meanwhile. */
const mostRaces = 3

/**
 * Runs all steps until nothing changes: releases travel as far as they are green. All that is kept
 * lies in the forge, so a wave that broke off is continued by the next one.
 */
export async function wave(options: WaveOptions): Promise<readonly Wave[]> {
  const { onProgress = () => {} } = options
  const forge = watched(options.forge, onProgress)
  // What has been packed for one stage is not packed again for the next.
  await using place = await workFolder(options.work)
  const inside = { ...options, forge, work: place.folder, onProgress }
  for (let races = 0; ;) {
    try {
      if (!(await round(inside))) return await readWaves(options)
      races = 0
    } catch (error) {
      const isRace = error instanceof PipelineError && error.reason === "BRANCH_MOVED"
      if (!isRace || ++races > mostRaces) throw error
      onProgress({ kind: "again", why: "somebody else has pushed meanwhile" })
    }
  }
}

/** Reads what waves there have been, and how they stand. */
export async function readWaves(options: StepOptions): Promise<readonly Wave[]> {
  const { forge } = options
  await using copy = await clone(options)
  const plan = await planOf(copy)
  const history = await historyOf(copy)
  return await wavesOf({ forge, plan, history, open: await forge.proposals() })
}

type Round = WaveOptions & Required<Pick<WaveOptions, "onProgress">>

/** Each step once; whether there is something to do for the next round. */
async function round(options: Round): Promise<boolean> {
  const { forge, signal, onProgress } = options
  const step = (name: StepName): void => {
    if (signal?.aborted) throw new PipelineError("INTERRUPTED", `before the step ${name}`)
    onProgress({ kind: "step", step: name })
  }
  step("release")
  for (const one of await release(options)) onProgress({ kind: "released", ...one })
  step("propagate")
  await propagate(options)
  if (forge.check !== undefined || canBeTold(forge)) {
    step("check")
    for (const branch of await unchecked(options)) onProgress({ kind: "checking", branch })
    await (forge.check ? startChecks(options) : check(options))
  }
  const chased: Chased[] = []
  if (await isTroubled(options)) {
    step("chase")
    chased.push(...(await chase(options)))
  }
  step("merge")
  const merged = await merge(options)
  for (const { outcome, branch, why = "" } of merged) {
    if (outcome === "rebuilt") onProgress({ kind: "rebuilt", branch, why })
  }
  // What has been built anew is to be checked, and what has been merged to be released.
  const isNew = chased.some(({ outcome }) => outcome === "renewed")
  return isNew || merged.some(({ outcome }) => outcome !== "waits")
}

async function unchecked({ forge }: StepOptions): Promise<readonly string[]> {
  const all = await Promise.all(
    (await forge.proposals()).map(async ({ branch, commit }) => {
      return (await forge.verdict(commit)) === "none" ? [branch] : []
    }),
  )
  return all.flat()
}

/** Whether an update is red, or was and has an issue. */
async function isTroubled({ forge }: StepOptions): Promise<boolean> {
  const open = await forge.proposals()
  const verdicts = await Promise.all(open.map(async ({ commit }) => forge.verdict(commit)))
  return verdicts.includes("red") || (await forge.issues()).length > 0
}
