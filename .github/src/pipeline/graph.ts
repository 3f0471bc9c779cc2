import semver from "semver"
import { mayDepend } from "../shape/directions.ts"
import type { Workspace } from "../workspaces.ts"
import { PipelineError } from "./pipeline-error.ts"
import { namedVersion } from "./range.ts"

/** That a package is built on another one of the suite. */
export interface Link {
  readonly name: string
  readonly range: string
  /** The version that the range names. */
  readonly version: string
  /** Only for building and testing; users of the package do not get it. */
  readonly isDevelopment: boolean
}

/** A package with what it is built on. */
export interface Node {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly links: readonly Link[]
  /** How many packages have to be released one after the other before this one. */
  readonly stage: number
}

/** The packages of the suite, each after all that it is built on. */
export type Graph = readonly Node[]

/** Reads the graph from the manifests. */
export function graphOf(workspaces: readonly Workspace[]): Graph {
  const done = new Map<string, Node>()
  const visit = (workspace: Workspace, way: readonly string[]): Node => {
    const { name } = workspace.manifest
    const known = done.get(name)
    if (known) return known
    if (way.includes(name)) {
      const circle = [...way.slice(way.indexOf(name)), name].join(" → ")
      throw new PipelineError("DEPENDENCY_CYCLE", circle)
    }
    const links = linksOf(workspace, workspaces)
    const before = links.map(({ target }) => visit(target, [...way, name]).stage)
    // Only now, since a cycle goes in a forbidden direction somewhere, and should be shown whole.
    for (const { link, target } of links) checkDirection(workspace.folder, target.folder, link)
    const node = {
      folder: workspace.folder,
      name,
      version: versionOf(workspace),
      links: links.map(({ link }) => link),
      stage: Math.max(-1, ...before) + 1,
    }
    done.set(name, node)
    return node
  }
  return workspaces.map((one) => visit(one, [])).toSorted((a, b) => a.stage - b.stage)
}

/** The packages that name another one in their manifests. */
export function dependentsOf(graph: Graph, name: string): readonly Node[] {
  return graph.filter(({ links }) => links.some((link) => link.name === name))
}

/** The package of that name or folder. */
export function nodeOf(graph: Graph, name: string): Node {
  const node = graph.find((one) => one.name === name || one.folder === name)
  if (!node) throw new PipelineError("PACKAGE_UNKNOWN", `there is no package ${name}`)
  return node
}

/** All that users of a package get with it, over any number of steps. */
export function upstreamsOf(graph: Graph, name: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (one: string): void => {
    for (const link of nodeOf(graph, one).links) {
      if (link.isDevelopment || found.has(link.name)) continue
      found.add(link.name)
      visit(link.name)
    }
  }
  visit(name)
  return found
}

function versionOf({ folder, manifest: { version } }: Workspace): string {
  if (semver.valid(version)) return version ?? ""
  const has = version === undefined ? "no version" : `the version "${version}"`
  throw new PipelineError("VERSION_MISSING", `${folder}/package.json has ${has}`)
}

function linksOf(
  workspace: Workspace,
  all: readonly Workspace[],
): readonly { link: Link; target: Workspace }[] {
  const { folder, manifest } = workspace
  const { dependencies = {}, devDependencies = {} } = manifest
  const kinds = [
    { ranges: devDependencies, isDevelopment: true },
    { ranges: dependencies, isDevelopment: false },
  ]
  return kinds.flatMap(({ ranges, isDevelopment }) =>
    Object.entries(ranges).flatMap(([name, range]) => {
      const target = all.find((one) => one.manifest.name === name)
      if (!target) return []
      const where = `${folder}/package.json: ${name}`
      const link = { name, range, version: namedVersion(range, where), isDevelopment }
      return [{ link, target }]
    }),
  )
}

function checkDirection(from: string, to: string, { name, isDevelopment }: Link): void {
  if (mayDepend({ from, to, isDevelopment })) return
  throw new PipelineError("DIRECTION_FORBIDDEN", `${from} may not depend on ${name}`)
}
