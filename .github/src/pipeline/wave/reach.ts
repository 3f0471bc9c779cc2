import type { OpenProposal } from "../forge/forge.ts"
import type { Graph, Node } from "../graph.ts"
import { tagOf } from "../releases.ts"
import type { Build, History, TaggedRelease } from "./history.ts"

/** An update that there is a commit of, open or merged. */
export interface KnownUpdate {
  readonly build: Build
  /** What is or was checked. */
  readonly head: string
  readonly dependent: Node
  readonly mergedAt?: string
  readonly released?: TaggedRelease
}

/** What comes of a release. */
export interface Reach {
  readonly updates: ReadonlySet<KnownUpdate>
  /** The release itself and those that came of it, as tags. */
  readonly releases: ReadonlySet<string>
}

/** The updates that are open or have been merged. */
export function knownUpdates(
  graph: Graph,
  history: History,
  open: readonly OpenProposal[],
): readonly KnownUpdate[] {
  // A package that is not there any more has no place in a picture.
  const dependentOf = ({ branch }: Build): Node | undefined => {
    const [, slug = ""] = branch.split("/")
    return graph.find(({ folder }) => folder === slug.replace(/^dot-/, "."))
  }
  const merged = history.merged.flatMap((build): readonly KnownUpdate[] => {
    const dependent = dependentOf(build)
    if (!dependent) return []
    const released = history.releases.find(
      ({ name, place }) => name === dependent.name && place > build.place,
    )
    const { head, mergedAt } = build
    return [{ build, head, dependent, mergedAt, ...(released && { released }) }]
  })
  const others = open.flatMap(({ commit }): readonly KnownUpdate[] => {
    const build = history.buildOf(commit)
    const dependent = build && dependentOf(build)
    return dependent ? [{ build, head: commit, dependent }] : []
  })
  return [...merged, ...others]
}

/** Follows a release downstream. What replaces an update on the way, such as a fix, goes with it. */
export function reachOf(root: string, known: readonly KnownUpdate[]): Reach {
  const releases = new Set([root])
  const updates = new Set<KnownUpdate>()
  const isReached = (release: string): boolean => releases.has(release)
  for (let before = -1; before !== updates.size;) {
    before = updates.size
    for (const one of known.filter((each) => !updates.has(each))) {
      const { brings, replaces } = one.build
      const isReplacing = replaces.some((earlier) => earlier.brings.some(isReached))
      if (!isReplacing && !brings.some(isReached)) continue
      updates.add(one)
      if (isReplacing) for (const release of brings) releases.add(release)
      if (one.released) releases.add(tagOf(one.dependent.name, one.released.version))
    }
  }
  return { updates, releases }
}
