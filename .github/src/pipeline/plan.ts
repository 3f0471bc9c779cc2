import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Manifest, readWorkspaces } from "../workspaces.ts"
import type { Clone } from "./clone.ts"
import { type Graph, graphOf } from "./graph.ts"
import { type Releases, releasesOf, tagOf } from "./releases.ts"
import { type Update, updatesOf } from "./update.ts"

/** The releases and updates of what is on main. */
export interface Plan {
  readonly graph: Graph
  readonly releases: Releases
  readonly updates: readonly Update[]
  /** Packages whose updates have been merged and not been released yet. */
  readonly unreleased: ReadonlySet<string>
}

/** Reads from a clone what should be updated. */
export async function planOf(copy: Clone): Promise<Plan> {
  const graph = graphOf(readWorkspaces(copy.folder))
  const releases = await releasesOf(graph, copy)
  const manifests = await Promise.all(
    graph.map(async ({ name, folder }) => {
      const version = releases.get(name)
      if (version === undefined) return [name, { name }] as const
      const text = await copy.git("show", `${tagOf(name, version)}:${folder}/package.json`)
      return [name, JSON.parse(text) as Manifest] as const
    }),
  )
  const notes = await copy.git("ls-files", ".changeset/update-*.md")
  const pending = await Promise.all(
    notes
      .split("\n")
      .filter(Boolean)
      .map((file) => readFile(join(copy.folder, file), "utf8")),
  )
  const unreleased = new Set(
    graph
      .filter(({ name, version }) => {
        const isTagged = !releases.has(name) || releases.get(name) === version
        return !isTagged || pending.some((note) => note.includes(`"${name}":`))
      })
      .map(({ name }) => name),
  )
  return {
    graph,
    releases,
    unreleased,
    updates: updatesOf({ graph, releases, manifests: new Map(manifests), unreleased }),
  }
}
