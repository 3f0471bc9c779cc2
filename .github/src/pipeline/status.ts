import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { clone, type StepOptions } from "./clone.ts"
import type { Forge, OpenProposal, Verdict } from "./forge/forge.ts"
import { planOf } from "./plan.ts"
import { branchOf, type Update } from "./update.ts"

/** How a package stands. */
export interface PackageStatus {
  readonly folder: string
  readonly name: string
  readonly version: string
  /** The newest release; none before the first one. */
  readonly released?: string
  /** Release notes that wait for the next release. */
  readonly notes: readonly string[]
  /** Updates that the releases call for. */
  readonly updates: readonly UpdateStatus[]
}

/** How an update stands. */
export interface UpdateStatus {
  readonly branch: string
  readonly upstream: string
  readonly version: string
  readonly state: "to be opened" | "held" | "open"
  /** What its checks say, once it is open. */
  readonly checks?: Verdict
  readonly why?: string
}

/** Looks how all packages stand, and changes nothing. */
export async function status(options: StepOptions): Promise<readonly PackageStatus[]> {
  const { forge } = options
  await using copy = await clone(options)
  const { graph, releases, updates } = await planOf(copy)
  const open = await forge.proposals()
  const files = (await copy.git("ls-files", ".changeset/*.md")).split("\n").filter(Boolean)
  const notes = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(copy.folder, file), "utf8") })),
  )
  const noteFiles = (name: string) =>
    notes.filter(({ text }) => text.includes(`"${name}":`)).map(({ file }) => file)
  const updatesOf = async (name: string): Promise<readonly UpdateStatus[]> => {
    const own = updates.filter(({ dependent }) => dependent.name === name)
    return Promise.all(own.map(async (update) => updateStatus({ forge, open, update })))
  }
  return await Promise.all(
    graph.map(async ({ folder, name, version }) => {
      const released = releases.get(name)
      const about = { folder, name, version, ...(released !== undefined && { released }) }
      return { ...about, notes: noteFiles(name), updates: await updatesOf(name) }
    }),
  )
}

async function updateStatus({
  forge,
  open,
  update,
}: {
  forge: Forge
  open: readonly OpenProposal[]
  update: Update
}): Promise<UpdateStatus> {
  const branch = branchOf(update)
  const about = { branch, upstream: update.upstream.name, version: update.version }
  if (update.waitsFor !== undefined) {
    return { ...about, state: "held", why: `${update.waitsFor} comes first` }
  }
  const proposal = open.find((one) => one.branch === branch)
  if (!proposal) return { ...about, state: "to be opened" }
  const checks = await forge.verdict(proposal.commit)
  const why = proposal.waits
  return { ...about, state: "open", checks, ...(why !== undefined && { why }) }
}
