import type { Clone } from "../clone.ts"
import type { Findings } from "../forge/findings.ts"
import type { Graph } from "../graph.ts"
import { tagOf } from "../releases.ts"
import type { Update } from "../update.ts"
import { bisect, type Tried } from "./bisect.ts"
import { type Change, changesBefore, changesOf, commitsOf } from "./change.ts"
import { fewest } from "./fewest.ts"
import type { Probes } from "./probes.ts"

/** A change that is to blame, or one of two that are so together. */
export interface Suspect extends Change {
  /** The commits of which one is to blame; the last is the first that is known to be red. */
  readonly commits: readonly string[]
  /** What is found with the release before, all else being the same. */
  readonly without: Findings
}

/** What an update is red of. */
export type Cause =
  /** Nothing that can be seen: it is green when it is checked once more. */
  | { readonly kind: "flaky"; readonly first?: Findings | undefined }
  /** The dependent itself, which is red without the releases as well. */
  | { readonly kind: "own"; readonly findings: Findings }
  /** Releases: one, or several that are red only together. */
  | {
      readonly kind: "upstream"
      readonly findings: Findings
      readonly suspects: readonly Suspect[]
      /** What has to be taken from the release before to see only that. */
      readonly held: readonly Change[]
    }

/** A red update. */
export interface RedUpdate {
  readonly copy: Clone
  readonly graph: Graph
  readonly update: Update
  /** Its commit, which has been red once. */
  readonly commit: string
  /** What was found then, as far as the forge knows. */
  readonly first?: Findings | undefined
  readonly probes: Probes
}

/** Finds out what a red update is red of. */
export async function blame(red: RedUpdate): Promise<Cause> {
  const { copy, graph, update, commit, first, probes } = red
  const { folder } = update.dependent
  const findings = await probes.find({ folder, commit })
  if (!findings.failed) return { kind: "flaky", first }
  const base = await copy.git("merge-base", "origin/main", commit)
  const before = await probes.find({ folder, commit: base })
  if (before.failed) return { kind: "own", findings: before }

  const { step } = findings.failed
  const find = async (instead: ReadonlyMap<string, string>) =>
    probes.find({ folder, commit, instead })
  const moves = changesOf(update)
  const earlier = (await changesBefore({ copy, graph, folder, commit: base })).filter(
    ({ name }) => !moves.some((move) => move.name === name),
  )
  const { held, needed } = await fewest({
    // What was there before is let go first, and the update's own upstream last.
    changes: [...earlier, ...moves.toReversed()],
    without: async (left) => find(new Map(left.map((one) => [one.name, tagBefore(one)]))),
    isSame: ({ failed }) => failed?.step === step,
  })
  const [only] = needed
  // Somebody has committed to the branch what is red whatever it is built on.
  if (!only) return { kind: "own", findings }
  const suspects: Suspect[] = []
  for (const { change, findings: without } of needed.toReversed()) {
    const commits = await commitsOf(copy, change)
    const turn = await bisect(commits.length, async (index) => {
      const others = held.map((one) => [one.name, tagBefore(one)] as const)
      const found = await find(new Map([...others, [change.name, commits[index] ?? ""]]))
      return triedOf(found, step)
    })
    suspects.push({ ...change, commits: commits.slice(turn.good + 1, turn.bad + 1), without })
  }
  return { kind: "upstream", findings, suspects, held }
}

/** Another failure tells nothing where it comes before the step in question. */
function triedOf(findings: Findings, step: string): Tried {
  if (findings.failed?.step === step) return "bad"
  return !findings.failed || hasPassed(findings, step) ? "good" : "untold"
}

/** Whether a step was done and did not fail. */
export function hasPassed({ steps, failed }: Findings, step: string): boolean {
  return failed?.step !== step && steps.some(({ name }) => name === step)
}

function tagBefore({ name, from }: Change): string {
  return `refs/tags/${tagOf(name, from)}`
}
