import { clone, type Clone, type StepOptions } from "./clone.ts"
import type { Forge, OpenProposal } from "./forge/forge.ts"
import { hold } from "./hold.ts"
import { planOf } from "./plan.ts"
import {
  foreignHead,
  hasForeignHead,
  isBuilt,
  pushUpdate,
  textOf,
  titleOf,
} from "./update-branch.ts"
import { branchOf, type Update } from "./update.ts"

/** What became of an update. */
export interface Propagated {
  readonly branch: string
  readonly version: string
  readonly outcome: "opened" | "renewed" | "unchanged" | "held" | "withdrawn"
  readonly why?: string
}

/**
 * Opens one proposal for each direct dependent of what has been released, and keeps those that are
 * open at the newest release. What is right already stays as it is.
 */
export async function propagate(options: StepOptions): Promise<readonly Propagated[]> {
  const { forge } = options
  await using copy = await clone(options)
  const { updates } = await planOf(copy)
  const open = await forge.proposals()
  const done: Propagated[] = []
  for (const update of updates) {
    const { version, waitsFor } = update
    const branch = branchOf(update)
    if (waitsFor !== undefined) {
      done.push({ branch, version, outcome: "held", why: `${waitsFor} comes first` })
      continue
    }
    const known = open.find((one) => one.branch === branch)
    done.push(await proposeUpdate({ forge, copy, update, known }))
  }
  // One that is held stays open: what was found of it is still so.
  const wanted = new Set(updates.map(branchOf))
  for (const proposal of open.filter(({ branch }) => !wanted.has(branch))) {
    done.push(await withdrawUpdate({ forge, copy, proposal, why: whyGone(proposal, updates) }))
  }
  return done
}

async function proposeUpdate({
  forge,
  copy,
  update,
  known,
}: {
  forge: Forge
  copy: Clone
  update: Update
  known: OpenProposal | undefined
}): Promise<Propagated> {
  const branch = branchOf(update)
  const { version } = update
  const isRight = await isBuilt(copy, update)
  if (isRight && known) return { branch, version, outcome: "unchanged" }
  if (!isRight && (await hasForeignHead(copy, branch))) {
    if (known) await hold(forge, known, foreignHead)
    return { branch, version, outcome: "held", why: foreignHead }
  }
  if (!isRight) await pushUpdate({ copy, update })
  await forge.propose({ branch, title: titleOf(update), text: await textOf(copy, update) })
  return { branch, version, outcome: known ? "renewed" : "opened" }
}

async function withdrawUpdate({
  forge,
  copy,
  proposal,
  why,
}: {
  forge: Forge
  copy: Clone
  proposal: OpenProposal
  why: string
}): Promise<Propagated> {
  const { branch } = proposal
  if (await hasForeignHead(copy, branch)) {
    await hold(forge, proposal, foreignHead)
    return { branch, version: "", outcome: "held", why: foreignHead }
  }
  await forge.withdraw(proposal, why)
  return { branch, version: "", outcome: "withdrawn", why }
}

function whyGone({ branch }: OpenProposal, updates: readonly Update[]): string {
  const [, dependent] = branch.split("/")
  const other = updates.find((one) => branchOf(one).startsWith(`update/${dependent}/`))
  return other
    ? `${branchOf(other)} brings it along, or has to come first`
    : `main has what it would bring`
}
