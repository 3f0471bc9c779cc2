import type { StepOptions } from "./clone.ts"
import { PipelineError } from "./pipeline-error.ts"

/** An update whose checks have been started. */
export interface StartedChecks {
  readonly branch: string
  readonly outcome: "started"
}

/** Has all open updates checked that nobody checks yet, by a forge that has checks of its own. */
export async function startChecks({ forge }: StepOptions): Promise<readonly StartedChecks[]> {
  if (!forge.check)
    throw new PipelineError("FORGE_UNKNOWN", `${forge.url} has no checks of its own`)
  const started: StartedChecks[] = []
  for (const proposal of await forge.proposals()) {
    if ((await forge.verdict(proposal.commit)) !== "none") continue
    await forge.check(proposal)
    started.push({ branch: proposal.branch, outcome: "started" })
  }
  return started
}
