import { readWorkspaces } from "../workspaces.ts"
import { alone, type AloneOptions } from "./alone/check-alone.ts"
import { workFolder } from "./alone/work-folder.ts"
import { clone, type StepOptions } from "./clone.ts"
import { canBeTold } from "./forge/bare-forge.ts"
import type { Findings } from "./forge/findings.ts"
import type { OpenProposal } from "./forge/forge.ts"
import { graphOf } from "./graph.ts"
import { PipelineError } from "./pipeline-error.ts"

/** What the checks of an update found. */
export interface CheckedUpdate extends Findings {
  readonly branch: string
}

/** How updates are checked. */
export interface CheckStepOptions
  extends StepOptions, Pick<AloneOptions, "timeoutMs" | "parallel" | "without"> {
  /**
   * A folder that keeps what was packed, for the next run.
   * @default one of its own, which is removed
   */
  readonly work?: string | undefined
  /** Branches of updates that are checked although they have a verdict. @default [] */
  readonly again?: readonly string[] | undefined
}

/**
 * Checks the dependents of all open updates alone, several at a time, and keeps what was found,
 * where the forge has nobody else who does. What has a verdict is not checked again.
 */
export async function check(options: CheckStepOptions): Promise<readonly CheckedUpdate[]> {
  const { forge, signal, work, again = [], ...how } = options
  if (!canBeTold(forge)) {
    throw new PipelineError("FORGE_UNKNOWN", `${forge.url} has checks of its own`)
  }
  await using copy = await clone(options)
  await using place = await workFolder(work)
  const graph = graphOf(readWorkspaces(copy.folder))
  // One that cannot be checked ends the others too: the next run would come upon the same.
  const failure = new AbortController()
  const ends = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])])
  const packages = alone({ copy, graph, ...how, work: place.folder, signal: ends })
  const checked = async ({ branch, commit }: OpenProposal): Promise<CheckedUpdate> => {
    const [, slug] = branch.split("/")
    const folder = graph.find((one) => one.folder.replace(/^\./, "dot-") === slug)?.folder ?? ""
    const findings = await packages.check(folder, commit)
    await forge.judge(commit, findings)
    return { branch, ...findings }
  }
  const proposals = await forge.proposals()
  const lost = again.find((name) => proposals.every(({ branch }) => branch !== name))
  if (lost !== undefined) throw new PipelineError("UPDATE_UNKNOWN", `${lost} is not open`)
  const verdicts = await Promise.all(proposals.map(({ commit }) => forge.verdict(commit)))
  const all = proposals
    .filter(({ branch }, index) => verdicts[index] === "none" || again.includes(branch))
    .map(async (one) =>
      checked(one).catch((error: unknown) => {
        failure.abort(error)
        throw error
      }),
    )
  await Promise.allSettled(all)
  // Those that were ended because of it say less than the first that failed.
  if (failure.signal.aborted) throw failure.signal.reason
  return await Promise.all(all)
}
