import semver from "semver"
import type { Clone } from "./clone.ts"
import type { Graph } from "./graph.ts"

/** The newest released version of each package, by name; what was never released is not there. */
export type Releases = ReadonlyMap<string, string>

/** The tag of a release. */
export function tagOf(name: string, version: string): string {
  return `${name}@${version}`
}

/** Reads the releases from the tags. */
export async function releasesOf(graph: Graph, { git }: Pick<Clone, "git">): Promise<Releases> {
  const tags = (await git("tag", "--list")).split("\n")
  const found = graph.flatMap(({ name }) => {
    const versions = tags
      .filter((tag) => tag.startsWith(`${name}@`))
      .map((tag) => tag.slice(name.length + 1))
      // No range of the suite names what comes before a release, such as 0.2.0-rc.1.
      .filter((version) => semver.valid(version) !== null && semver.prerelease(version) === null)
    const newest = semver.rsort(versions)[0]
    return newest === undefined ? [] : [[name, newest] as const]
  })
  return new Map(found)
}
