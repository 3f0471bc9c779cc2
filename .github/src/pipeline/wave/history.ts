import type { Clone } from "../clone.ts"

/** A build of an update, as one commit. */
export interface Build {
  readonly commit: string
  readonly branch: string
  /** The releases that it brings, such as `@nsm/api@0.2.0`. */
  readonly brings: readonly string[]
  /** When it was opened; unknown of one that has been replaced. */
  readonly at?: string
  /** Earlier builds of the same update, oldest first. */
  readonly replaces: readonly Build[]
}

/** An update that has been merged. */
export interface MergedBuild extends Build {
  /** What was checked: the build, or what a person has put on top of it. */
  readonly head: string
  readonly mergedAt: string
  /** How many commits main has had before. */
  readonly place: number
}

/** A release, with when it was made. */
export interface TaggedRelease {
  readonly name: string
  readonly version: string
  readonly commit: string
  readonly at: string
  /** How many commits main has had before. */
  readonly place: number
}

/** What a repository remembers of its waves. */
export interface History {
  /** The commit that main is at. */
  readonly main: string
  readonly merged: readonly MergedBuild[]
  /** The releases on main, oldest first. */
  readonly releases: readonly TaggedRelease[]
  /** The build that a commit is, or that it is on top of. */
  buildOf(commit: string): Build | undefined
}

/** Reads from commits and tags which updates there have been, and what came of them. */
export async function historyOf(copy: Pick<Clone, "git">): Promise<History> {
  const commits = await commitsOf(copy)
  const main = (await copy.git("rev-list", "--first-parent", "--reverse", "origin/main")).split(
    "\n",
  )
  const places = new Map(main.map((commit, place) => [commit, place]))
  const buildOf = (commit: string): Build | undefined => {
    for (let one = commits.get(commit); one; one = commits.get(one.parents[0] ?? "")) {
      if (one.build) return one.build
      if (places.has(one.commit)) return undefined
    }
    return undefined
  }
  const merged = main.flatMap((commit, place) => {
    const { parents = [], at = "" } = commits.get(commit) ?? {}
    const head = parents[1]
    const build = head === undefined ? undefined : buildOf(head)
    return head !== undefined && build ? [{ ...build, head, mergedAt: at, place }] : []
  })
  return { main: main.at(-1) ?? "", merged, releases: await taggedOf(copy, places), buildOf }
}

interface Commit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly at: string
  readonly build?: Build
}

const trailer = (key: string): string => `%(trailers:key=${key},valueonly,separator=%x1f)`

async function commitsOf({ git }: Pick<Clone, "git">): Promise<ReadonlyMap<string, Commit>> {
  const fields = ["%H", "%P", "%cI", trailer("Branch"), trailer("Update"), trailer("Replaces")]
  const text = await git("log", "--branches", "--remotes", `--format=${fields.join("%x1e")}`)
  const all = text.split("\n").map((line) => {
    const [commit = "", parents = "", at = "", branch = "", brings = "", replaces = ""] =
      line.split("\x1e")
    const about = { commit, parents: parents.split(" "), at }
    if (branch === "") return about
    const earlier = replaces.split("\x1f").filter(Boolean)
    const build = {
      ...{ commit, branch, at, brings: brings.split(" ") },
      replaces: earlier.map((said): Build => {
        const [first = "", ...others] = said.split(" ")
        return { commit: first, branch, brings: others, replaces: [] }
      }),
    }
    return { ...about, build }
  })
  return new Map(all.map((one) => [one.commit, one]))
}

async function taggedOf(
  { git }: Pick<Clone, "git">,
  places: ReadonlyMap<string, number>,
): Promise<readonly TaggedRelease[]> {
  const fields = ["refname:strip=2", "creatordate:iso-strict", "objectname", "*objectname"]
  const format = `--format=${fields.map((field) => `%(${field})`).join(" ")}`
  const lines = (await git("for-each-ref", format, "refs/tags/")).split("\n").filter(Boolean)
  const found = lines.flatMap((line) => {
    const [tag = "", at = "", object = "", target = ""] = line.split(" ")
    const cut = tag.lastIndexOf("@")
    const commit = target === "" ? object : target
    const place = places.get(commit)
    if (cut < 1 || place === undefined) return []
    return [{ name: tag.slice(0, cut), version: tag.slice(cut + 1), commit, at, place }]
  })
  return found.toSorted((a, b) => a.place - b.place)
}
