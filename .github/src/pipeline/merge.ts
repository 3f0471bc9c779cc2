import { readWorkspaces } from "../workspaces.ts"
import { clone, type Clone, type StepOptions } from "./clone.ts"
import type { Forge, OpenProposal } from "./forge/forge.ts"
import { askGit } from "./git.ts"
import { graphOf } from "./graph.ts"
import { hold } from "./hold.ts"
import { planOf } from "./plan.ts"
import { foreignHead, hasForeignHead, isStale, pushUpdate, trailerOf } from "./update-branch.ts"
import { branchOf, changesetFile, type Update } from "./update.ts"

/** What became of a proposal. */
export interface Merged {
  readonly branch: string
  readonly outcome: "merged" | "rebuilt" | "waits"
  readonly why?: string
}

/** How often an update that conflicts with main is built anew before a person has to look. */
const mostRebuilt = 3

/**
 * Merges the updates whose checks are green and that change nothing but the dependent's manifest,
 * the lock file and the release note. One that conflicts is built anew; others wait and say why. One
 * that fails holds up no other; the first failure is thrown when all have been tried.
 */
export async function merge(options: StepOptions): Promise<readonly Merged[]> {
  const done: Merged[] = []
  const failures: unknown[] = []
  for (const proposal of await inOrder(options)) {
    options.signal?.throwIfAborted()
    await mergeOne(options, proposal).then(
      (one) => done.push(one),
      (failure: unknown) => failures.push(failure),
    )
  }
  if (failures.length > 0) throw failures[0]
  return done
}

/** The open updates, those of early stages first. */
async function inOrder(options: StepOptions): Promise<readonly OpenProposal[]> {
  await using copy = await clone(options)
  const graph = graphOf(readWorkspaces(copy.folder))
  const folders = graph.map(({ folder }) => folder.replace(/^\./, "dot-"))
  const rank = ({ branch }: OpenProposal) => folders.indexOf(branch.split("/")[1] ?? "")
  return (await options.forge.proposals()).toSorted((a, b) => rank(a) - rank(b))
}

async function mergeOne(options: StepOptions, proposal: OpenProposal): Promise<Merged> {
  const { forge } = options
  const { branch, commit } = proposal
  const verdict = await forge.verdict(commit)
  if (verdict !== "green") return { branch, outcome: "waits", why: waiting[verdict] }
  // Main has moved if another update has been merged before this one.
  await using copy = await clone(options)
  const update = (await planOf(copy)).updates.find((one) => branchOf(one) === branch)
  if (!update) return { branch, outcome: "waits", why: "there is nothing left to update" }
  if (update.waitsFor !== undefined) {
    return { branch, outcome: "waits", why: `${update.waitsFor} comes first` }
  }
  const own = new Set(filesOf(update))
  const foreign = (await changedFiles(copy, commit)).filter((file) => !own.has(file))
  if (foreign.length > 0) return await person(forge, proposal, `it changes ${foreign.join(", ")}`)
  const conflicts = await conflictsOf(copy, commit)
  const isClean = conflicts.length === 0
  // Another update may have been merged since: each was green, and nobody has seen both together.
  const isOld = isClean && (await isStale(copy, update, commit))
  // A forge may not know yet that it conflicts with what has only just been merged.
  if (isClean && !isOld && (await forge.merge(proposal))) return { branch, outcome: "merged" }
  const others = conflicts.filter((file) => !own.has(file))
  if (others.length > 0)
    return await person(forge, proposal, `main differs in ${others.join(", ")}`)
  if (await hasForeignHead(copy, branch)) return await person(forge, proposal, foreignHead)
  const rebuilt = Number(await trailerOf(copy, branch, "Rebuilt"))
  if (isOld) {
    await pushUpdate({ copy, update, rebuilt })
    return { branch, outcome: "rebuilt", why: "its package has changed since it was checked" }
  }
  if (rebuilt >= mostRebuilt) {
    return await person(
      forge,
      proposal,
      `it still conflicts after it was built anew ${rebuilt} times`,
    )
  }
  await pushUpdate({ copy, update, rebuilt: rebuilt + 1 })
  return { branch, outcome: "rebuilt", why: "it conflicted with main" }
}

const waiting = {
  red: "its checks are red",
  running: "its checks are running",
  none: "no checks have run",
} as const

async function person(forge: Forge, proposal: OpenProposal, why: string): Promise<Merged> {
  await hold(forge, proposal, why)
  return { branch: proposal.branch, outcome: "waits", why }
}

/** All that an update may change. */
function filesOf(update: Update): readonly string[] {
  return [`${update.dependent.folder}/package.json`, "package-lock.json", changesetFile(update)]
}

async function changedFiles({ git }: Clone, commit: string): Promise<readonly string[]> {
  const text = await git("diff", "--name-only", `origin/main...${commit}`)
  return text.split("\n").filter(Boolean)
}

async function conflictsOf({ folder }: Clone, commit: string): Promise<readonly string[]> {
  const options = ["--write-tree", "--name-only", "--no-messages"]
  const args = ["merge-tree", ...options, "origin/main", commit]
  const { text } = await askGit(folder, args, { answers: [0, 1] })
  return text.split("\n").slice(1).filter(Boolean)
}
