import { availableParallelism } from "node:os"
import type { CheckStepOptions } from "../../check.ts"
import type { Findings } from "../../forge/findings.ts"
import { type Graph, nodeOf, upstreamsOf } from "../../graph.ts"
import { type Timeline, timelineOf } from "../timeline.ts"
import type { Progress } from "../progress.ts"
import { readWaves, wave } from "../wave.ts"
import { monolith } from "./monolith.ts"
import { addTo, ownSuite } from "./own-suite.ts"
import { type CheckedPackage, packagesOf, type RedPackage, redPackagesOf } from "./packages.ts"
import { stolenTime } from "./stolen-time.ts"

/** How a wave of the suite itself is rehearsed. */
export interface RehearsalOptions extends Omit<CheckStepOptions, "forge" | "without"> {
  /** The checkout of the suite. */
  readonly root: string
  /** The package that is released. @default "api" */
  readonly from?: string
  /** The last package; what it is not built on is left out. @default all packages */
  readonly to?: string | undefined
  /** Leaves out the packages' tests and linters. @default false */
  readonly isWithoutTests?: boolean
  /** Runs everything as one afterwards. @default false */
  readonly isBesideMonolith?: boolean
  readonly onProgress?: (event: Progress) => void
  /** Tells what comes next. */
  readonly say?: (text: string) => void
}

/** What came of a rehearsal. */
export interface Rehearsal {
  readonly from: string
  readonly to?: string
  /** Whether the wave has reached all packages that are built on the one that was released. */
  readonly isThrough: boolean
  /** Folders that it has not reached. */
  readonly missing: readonly string[]
  readonly isWithoutTests: boolean
  readonly timeline: Timeline
  readonly packages: readonly CheckedPackage[]
  /** Where it has stopped. */
  readonly red: readonly RedPackage[]
  /** What running everything as one found. */
  readonly monolith?: Findings
  readonly cores: number
  /** Which part of their time went to others, from 0 to 1, where the system tells. */
  readonly stolen?: number
}

/**
 * Plays a wave with the suite's real packages, as they are at HEAD, in a bare repository in a
 * temporary folder: after the release nobody does anything.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { root, from = "api", isWithoutTests = false, isBesideMonolith = false } = options
  const { say = () => {}, to, signal } = options
  await using suite = await ownSuite({ root, to, signal })
  const { forge } = suite
  await addTo(from, { forge, signal })
  const stolen = await stolenTime()
  const without = isWithoutTests ? (["lint", "test"] as const) : []
  await wave({ ...options, forge, without })
  if (isBesideMonolith) {
    const onStep = (name: string): void => say(`everything as one: ${name}`)
    await monolith({ forge, signal, onStep })
  }
  const share = await stolen.share()
  const [last] = await readWaves({ forge, signal })
  if (!last) throw new Error(`no wave began with ${from}`)
  const missing = downstreamOf(suite.graph, from).filter(
    (folder) => !last.updates.some((one) => one.folder === folder && one.released),
  )
  return {
    from,
    ...(to !== undefined && { to }),
    isThrough: last.state === "done" && missing.length === 0,
    missing,
    isWithoutTests,
    timeline: timelineOf(last),
    packages: packagesOf(last),
    red: redPackagesOf(last),
    ...(last.together && { monolith: last.together }),
    cores: availableParallelism(),
    ...(share !== undefined && { stolen: share }),
  }
}

/** The folders of all whose users get a package with them. */
function downstreamOf(graph: Graph, from: string): readonly string[] {
  const { name } = nodeOf(graph, from)
  return graph.filter((node) => upstreamsOf(graph, node.name).has(name)).map(({ folder }) => folder)
}
