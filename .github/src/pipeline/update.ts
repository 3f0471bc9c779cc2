import semver from "semver"
import type { Manifest } from "../workspaces.ts"
import { type Graph, type Link, type Node, nodeOf, upstreamsOf } from "./graph.ts"
import { isBreaking, movedRange } from "./range.ts"
import { type Releases, tagOf } from "./releases.ts"

/** One range that an update changes. */
export interface Move {
  readonly link: Link
  /** The folder of the package that the range is about. */
  readonly folder: string
  readonly to: string
  /** An upstream of the update names it too. */
  readonly isBrought?: boolean
}

/** That a dependent gets the newest release of a package that it is built on. */
export interface Update {
  readonly dependent: Node
  readonly upstream: Node
  readonly version: string
  /** The upstream's range first; then those of others that came with it, and what they bring along. */
  readonly moves: readonly Move[]
  /** A package before it that has not moved yet; the update comes after its release. */
  readonly waitsFor?: string
}

/** What the upstreams of a dependent name in the manifests of their newest releases. */
export type ReleasedManifests = ReadonlyMap<string, Manifest>

/** The branch of an update. */
export function branchOf({ dependent, upstream }: Pick<Update, "dependent" | "upstream">): string {
  return `update/${slugOf(dependent)}/${slugOf(upstream)}`
}

/** The file of an update's release note. */
export function changesetFile({ dependent, upstream }: Update): string {
  return `.changeset/update-${slugOf(dependent)}-${slugOf(upstream)}.md`
}

/** The updates that the releases call for, in the order of the stages. */
export function updatesOf(options: {
  graph: Graph
  releases: Releases
  manifests: ReleasedManifests
  /** Packages whose updates have been merged and not been released yet. */
  unreleased: ReadonlySet<string>
}): readonly Update[] {
  const { graph, releases, unreleased } = options
  const isMoving = ({ name, links }: Node): boolean =>
    unreleased.has(name) || links.some((link) => !link.isDevelopment && isOutdated(link, releases))
  return graph.flatMap((dependent) => {
    const outdated = dependent.links.filter((link) => isOutdated(link, releases))
    const updates = outdated.map((link): Update => {
      const upstream = nodeOf(graph, link.name)
      const version = releases.get(link.name) ?? link.version
      const first = { link, folder: upstream.folder, to: version }
      const moves = [first, ...broughtAlong(dependent, link, options)]
      return { dependent, upstream, version, moves }
    })
    const wanted = updates.filter((one) => !updates.some((other) => contains(other, one)))
    // All before a package settle first: nothing downstream of what is red moves.
    const moving = [...upstreamsOf(graph, dependent.name)].find((name) =>
      isMoving(nodeOf(graph, name)),
    )
    return together(graph, wanted).map((update) =>
      moving === undefined || isTooling(update) ? update : { ...update, waitsFor: moving },
    )
  })
}

/**
 * Those whose upstreams are built on the same come in one update: often they are of one wave, and
 * one after the other each would be tested beside what is older.
 */
function together(graph: Graph, updates: readonly Update[]): readonly Update[] {
  const below = ({ upstream }: Update) => upstreamsOf(graph, upstream.name)
  return updates.reduce<readonly Update[]>((all, next) => {
    const before = all.find((one) => !below(one).isDisjointFrom(below(next)))
    if (!before) return [...all, next]
    const more = next.moves.filter(
      ({ link }) => !before.moves.some((one) => one.link.name === link.name),
    )
    const moves = [...before.moves, ...more].toSorted(
      (a, b) => Number(a.isBrought ?? false) - Number(b.isBrought ?? false),
    )
    return all.map((one) => (one === before ? { ...before, moves } : one))
  }, [])
}

/** Whether users of the dependent get nothing of it. */
function isTooling({ moves }: Update): boolean {
  return moves.every(({ link }) => link.isDevelopment)
}

/** The new text of a manifest; only the ranges differ. */
export function movedManifest(text: string, { dependent, moves }: Update): string {
  return moves.reduce((before, { link, to }) => {
    const where = `${dependent.folder}/package.json: ${link.name}`
    const range = movedRange(link.range, to, where)
    // Only the line changes: whoever wrote the manifest keeps its form.
    return before.replaceAll(
      /("[^"]+")(\s*:\s*)("[^"]*")/g,
      (all: string, key: string, colon: string, value: string) =>
        key === JSON.stringify(link.name) && value === JSON.stringify(link.range)
          ? `${key}${colon}${JSON.stringify(range)}`
          : all,
    )
  }, text)
}

/** The release note of an update; none where users of the dependent get nothing new. */
export function changesetOf(update: Update): string | undefined {
  const { dependent, moves } = update
  if (isTooling(update)) return undefined
  const felt = moves.filter(({ link }) => !link.isDevelopment)
  const bump = felt.some(({ link, to }) => isBreaking(link.version, to)) ? "minor" : "patch"
  const names = felt.map(({ link, to }) => `\`${tagOf(link.name, to)}\``).join(" and ")
  return `---\n"${dependent.name}": ${bump}\n---\n\nIs built on ${names}.\n`
}

function slugOf({ folder }: Node): string {
  return folder.replace(/^\./, "dot-")
}

function isOutdated({ name, version }: Link, releases: Releases): boolean {
  const newest = releases.get(name)
  return newest !== undefined && semver.gt(newest, version)
}

/**
 * What the upstream's release names itself, where the dependent names it too: with an older one it
 * would get two of them.
 */
function broughtAlong(
  dependent: Node,
  upstream: Link,
  {
    graph,
    manifests,
    releases,
  }: { graph: Graph; manifests: ReleasedManifests; releases: Releases },
): readonly Move[] {
  const { dependencies = {} } = manifests.get(upstream.name) ?? {}
  return dependent.links.flatMap((link) => {
    const to = releases.get(link.name)
    const isNamed = Object.hasOwn(dependencies, link.name) && isOutdated(link, releases)
    return to !== undefined && isNamed && dependencies[link.name]?.includes(to)
      ? [{ link, folder: nodeOf(graph, link.name).folder, to, isBrought: true }]
      : []
  })
}

/** Whether an update brings another one along. */
function contains(update: Update, other: Update): boolean {
  const brought = update.moves.filter(({ isBrought }) => isBrought)
  return brought.some(({ link, to }) => link.name === other.upstream.name && to === other.version)
}
