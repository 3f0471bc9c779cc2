import { check } from "../check.ts"
import { clone, type StepOptions } from "../clone.ts"
import { canBeTold } from "../forge/bare-forge.ts"
import { merge } from "../merge.ts"
import { PipelineError } from "../pipeline-error.ts"
import { planOf } from "../plan.ts"
import { propagate } from "../propagate.ts"
import { release } from "../release.ts"
import { historyOf } from "./history.ts"
import type { Progress, StepName } from "./progress.ts"
import { watched } from "./watched.ts"
import { type Wave, wavesOf } from "./waves.ts"

/** What a wave is given beside its forge. */
export interface WaveOptions extends StepOptions {
  readonly onProgress?: (event: Progress) => void
  /** After this long the check of a package is ended. @default five minutes */
  readonly timeoutMs?: number
}

/** How often in a row a wave begins a round anew because somebody else pushed meanwhile. */
const mostRaces = 3

/**
 * Runs all steps until nothing changes: releases travel as far as they are green. All that is kept
 * lies in the forge, so a wave that broke off is continued by the next one.
 */
export async function wave(options: WaveOptions): Promise<readonly Wave[]> {
  const { onProgress = () => {} } = options
  let changes = 0
  const forge = watched(options.forge, (event) => {
    changes += 1
    onProgress(event)
  })
  const inside = { ...options, forge, onProgress }
  for (let races = 0; ;) {
    const before = changes
    try {
      const released = await round(inside)
      if (changes === before && !released) return await readWaves(options)
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
  const [plan, history, open] = [await planOf(copy), await historyOf(copy), await forge.proposals()]
  return wavesOf({ forge, plan, history, open })
}

/** Each step once. */
async function round(options: WaveOptions & Required<Pick<WaveOptions, "onProgress">>) {
  const { forge, signal, onProgress } = options
  const step = (name: StepName): void => {
    signal?.throwIfAborted()
    onProgress({ kind: "step", step: name })
  }
  step("release")
  const released = await release(options)
  for (const one of released) onProgress({ kind: "released", ...one })
  step("propagate")
  await propagate(options)
  if (canBeTold(forge)) {
    step("check")
    for (const { branch, commit } of await forge.proposals()) {
      if ((await forge.verdict(commit)) === "none") onProgress({ kind: "checking", branch })
    }
    await check(options)
  }
  step("merge")
  await merge(options)
  return released.length > 0
}
