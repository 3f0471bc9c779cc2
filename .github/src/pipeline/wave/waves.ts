import type { Findings } from "../forge/findings.ts"
import type { Forge, OpenProposal } from "../forge/forge.ts"
import type { Plan } from "../plan.ts"
import { tagOf } from "../releases.ts"
import { branchOf } from "../update.ts"
import type { History, TaggedRelease } from "./history.ts"
import { type KnownUpdate, knownUpdates, type Reach, reachOf } from "./reach.ts"

/** A release on its way through all that are built on it. */
export interface Wave {
  /** The release that began it, as its tag. */
  readonly root: string
  /** ISO 8601, as all times here. */
  readonly began: string
  readonly state: "under way" | "red" | "done"
  /** By stages. */
  readonly updates: readonly WaveUpdate[]
  /** The branches of updates that are still to come, and of those merged and not released. */
  readonly pending: readonly string[]
  /** What the checks of all packages together found, at the release or at what is on main now. */
  readonly together?: Findings
}

/** The way of one update through a wave. */
export interface WaveUpdate {
  readonly branch: string
  /** The folder of the dependent. */
  readonly folder: string
  /** How many packages have to be released one after the other, from the root's to this one. */
  readonly stage: number
  /** Its builds that have been checked and the one that there is now, which is the last. */
  readonly builds: readonly WaveBuild[]
  readonly merged?: string
  readonly released?: { readonly version: string; readonly at: string }
}

/** A build of an update, with what its checks found. */
export interface WaveBuild {
  readonly commit: string
  /** The releases that it brings, as tags. */
  readonly brings: readonly string[]
  /** When it was opened; unknown of one that has been replaced. */
  readonly opened?: string
  readonly findings?: Findings
}

/** What waves are told from. */
export interface WaveSources {
  readonly forge: Pick<Forge, "findings">
  readonly plan: Plan
  readonly history: History
  readonly open: readonly OpenProposal[]
}

/** All waves that there have been, the newest first. */
export async function wavesOf(sources: WaveSources): Promise<readonly Wave[]> {
  const { history, plan, open } = sources
  const known = knownUpdates(plan.graph, history, open)
  const results = new Set(
    known.flatMap(({ dependent, released }) =>
      released ? [tagOf(dependent.name, released.version)] : [],
    ),
  )
  const told = new Set<string>(results)
  const waves: Wave[] = []
  for (const release of history.releases) {
    const root = tagOf(release.name, release.version)
    const node = plan.graph.find(({ name }) => name === release.name)
    if (!node || told.has(root)) continue
    const reach = reachOf(root, known)
    const pending = pendingOf(plan, reach)
    if (reach.updates.size === 0 && pending.length === 0) continue
    // A fix that let this wave go on is no wave of its own.
    for (const one of reach.releases) told.add(one)
    waves.push(await waveOf({ ...sources, release, stage: node.stage, reach, pending }))
  }
  return waves.toReversed()
}

function pendingOf({ updates, unreleased }: Plan, reach: Reach): readonly string[] {
  const there = [...reach.updates]
  const branches = new Set(there.map(({ build }) => build.branch))
  const planned = updates.filter(({ moves }) =>
    moves.some(({ link, to }) => reach.releases.has(tagOf(link.name, to))),
  )
  const merged = there.filter(
    ({ mergedAt, released, dependent }) => mergedAt && !released && unreleased.has(dependent.name),
  )
  return [
    ...planned.map(branchOf).filter((branch) => !branches.has(branch)),
    ...merged.map(({ build }) => build.branch),
  ]
}

async function waveOf({
  forge,
  history,
  release,
  stage,
  reach,
  pending,
}: WaveSources & {
  release: TaggedRelease
  /** That of the package which was released. */
  stage: number
  reach: Reach
  pending: readonly string[]
}): Promise<Wave> {
  const all = await Promise.all([...reach.updates].map(async (one) => updateOf(forge, one, stage)))
  const open = all.filter(({ merged }) => merged === undefined)
  const isRed = open.some(({ builds }) => builds.at(-1)?.findings?.verdict === "red")
  const isDone = open.length === 0 && pending.length === 0
  const together = (await forge.findings(history.main)) ?? (await forge.findings(release.commit))
  return {
    root: tagOf(release.name, release.version),
    began: release.at,
    state: isRed ? "red" : isDone ? "done" : "under way",
    updates: all.toSorted((a, b) => a.stage - b.stage || a.folder.localeCompare(b.folder)),
    pending,
    ...(together && { together }),
  }
}

async function updateOf(
  forge: WaveSources["forge"],
  { build, head, dependent, mergedAt, released }: KnownUpdate,
  first: number,
): Promise<WaveUpdate> {
  const { folder, stage } = dependent
  const builds = await Promise.all(
    [...build.replaces, { ...build, commit: head }].map(
      async ({ commit, brings, at }): Promise<WaveBuild> => {
        const findings = await forge.findings(commit)
        return { commit, brings, ...(at && { opened: at }), ...(findings && { findings }) }
      },
    ),
  )
  return {
    branch: build.branch,
    folder,
    stage: stage - first,
    // One that was replaced before anybody checked it says nothing.
    builds: builds.filter(({ findings, commit }) => findings || commit === head),
    ...(mergedAt !== undefined && { merged: mergedAt }),
    ...(released && { released: { version: released.version, at: released.at } }),
  }
}
