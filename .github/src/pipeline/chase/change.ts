import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import { type Graph, nodeOf } from "../graph.ts"
import { namedVersion } from "../range.ts"
import { tagOf } from "../releases.ts"
import type { Update } from "../update.ts"

/** That a dependent names another release of a package than before. */
export interface Change {
  readonly name: string
  readonly folder: string
  readonly from: string
  readonly to: string
}

/** The changes that an update makes. */
export function changesOf({ moves }: Update): readonly Change[] {
  return moves.map(({ link, folder, to }) => {
    return { name: link.name, folder, from: link.version, to }
  })
}

/**
 * The changes that main got for a dependent just before: what is red only now may be so because of
 * two that came one after the other.
 */
export async function changesBefore({
  copy,
  graph,
  folder,
  commit,
}: {
  copy: Clone
  graph: Graph
  folder: string
  commit: string
}): Promise<readonly Change[]> {
  const file = `${folder}/package.json`
  const log = ["log", "--first-parent", `--max-count=${mostCommits}`, "--format=%H"]
  const commits = (await copy.git(...log, commit, "--", file)).split("\n").filter(Boolean)
  const versionsAt = async (at: string): Promise<ReadonlyMap<string, string> | undefined> => {
    const text = await copy.git("show", `${at}:${file}`).catch(() => undefined)
    return text === undefined ? undefined : versionsIn(JSON.parse(text) as Manifest, graph)
  }
  for (const each of commits) {
    const [before, after] = [await versionsAt(`${each}^1`), await versionsAt(each)]
    if (!before || !after) return []
    const changed = [...after].flatMap(([name, to]): readonly Change[] => {
      const from = before.get(name)
      if (from === undefined || from === to) return []
      return [{ name, folder: nodeOf(graph, name).folder, from, to }]
    })
    // Most commits change no range, such as releases.
    if (changed.length > 0) return changed
  }
  return []
}

/** How many commits are looked at for the last one that changed a range. */
const mostCommits = 20

function versionsIn(manifest: Manifest, graph: Graph): ReadonlyMap<string, string> {
  const ranges = Object.entries({ ...manifest.devDependencies, ...manifest.dependencies })
  const ours = ranges.filter(([name]) => graph.some((one) => one.name === name))
  return new Map(
    ours.map(([name, range]) => [name, namedVersion(range, `${manifest.name}: ${name}`)]),
  )
}

/** The commits that changed the package between the two releases, oldest first. */
export async function commitsOf(copy: Clone, change: Change): Promise<readonly string[]> {
  const { name, folder, from, to } = change
  const range = `refs/tags/${tagOf(name, from)}..refs/tags/${tagOf(name, to)}`
  // Each of them is what main once was; what came in by a merge is one change.
  const order = ["--first-parent", "--reverse"]
  return (await copy.git("rev-list", ...order, range, "--", folder)).split("\n").filter(Boolean)
}
