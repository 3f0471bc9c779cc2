import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { clone, type StepOptions } from "./clone.ts"
import type { Findings } from "./forge/findings.ts"
import type { Forge, OpenProposal, Verdict } from "./forge/forge.ts"
import { planOf } from "./plan.ts"
import { branchOf, type Update } from "./update.ts"
import { historyOf } from "./wave/history.ts"
import { type Wave, wavesOf } from "./wave/waves.ts"

/** How everything stands. */
export interface Status {
  readonly packages: readonly PackageStatus[]
  /** All waves that there have been, the newest first. */
  readonly waves: readonly Wave[]
}

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
  /** What the last check of an update of it found. */
  readonly checked?: Findings
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
export async function status(options: StepOptions): Promise<Status> {
  const { forge } = options
  await using copy = await clone(options)
  const plan = await planOf(copy)
  const { graph, releases, updates } = plan
  const open = await forge.proposals()
  const waves = await wavesOf({ forge, plan, history: await historyOf(copy), open })
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
  const packages = await Promise.all(
    graph.map(async ({ folder, name, version }) => {
      const released = releases.get(name)
      const checked = lastChecked(waves, folder)
      const about = { folder, name, version, ...(released !== undefined && { released }) }
      const work = { notes: noteFiles(name), updates: await updatesOf(name) }
      return { ...about, ...work, ...(checked && { checked }) }
    }),
  )
  return { packages, waves }
}

function lastChecked(waves: readonly Wave[], folder: string): Findings | undefined {
  return waves
    .flatMap((wave) => wave.updates)
    .filter((update) => update.folder === folder)
    .flatMap(({ builds }) => builds.flatMap(({ findings }) => findings ?? []))
    .toSorted((a, b) => a.began.localeCompare(b.began))
    .at(-1)
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
