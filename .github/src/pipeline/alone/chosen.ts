import semver from "semver"
import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import type { Graph } from "../graph.ts"
import { PipelineError } from "../pipeline-error.ts"
import { namedVersion } from "../range.ts"
import { tagOf } from "../releases.ts"

/** A package of the suite that another one alone gets. */
export interface Chosen {
  readonly name: string
  readonly version: string
  readonly folder: string
  readonly commit: string
  readonly manifest: Manifest
}

/** Commits from which packages are taken, by name, instead of from the tags of their releases. */
export type Instead = ReadonlyMap<string, string>

/**
 * Which packages of the suite one gets alone: of each the highest version that it or any of them
 * names, as in Go's modules. Nothing is newer than what somebody names.
 */
export async function chosenFor({
  copy,
  graph,
  manifest,
  instead = new Map(),
}: {
  copy: Pick<Clone, "git">
  graph: Graph
  manifest: Manifest
  instead?: Instead | undefined
}): Promise<readonly Chosen[]> {
  const named = new Map<string, Chosen>()
  const linksOf = ({ dependencies, devDependencies }: Manifest, isOwn: boolean) =>
    Object.entries({ ...(isOwn && devDependencies), ...dependencies }).flatMap(([name, range]) => {
      const node = graph.find((one) => one.name === name)
      return node ? [{ name, range, folder: node.folder }] : []
    })

  const visit = async (user: Manifest, isOwn: boolean): Promise<void> => {
    for (const { name, range, folder } of linksOf(user, isOwn)) {
      const version = namedVersion(range, `${user.name}: ${name}`)
      const tag = tagOf(name, version)
      if (named.has(tag)) continue
      const commit = instead.get(name) ?? (await taggedCommit(copy, tag))
      const text = await copy.git("show", `${commit}:${folder}/package.json`)
      // Between two releases a manifest still has the version of the one before.
      const manifest = { ...(JSON.parse(text) as Manifest), version }
      named.set(tag, { name, version, folder, commit, manifest })
      await visit(manifest, false)
    }
  }

  const chosen = new Set<Chosen>()
  const choose = (user: Manifest, isOwn: boolean): void => {
    for (const { name, range } of linksOf(user, isOwn)) {
      const all = [...named.values()].filter((one) => one.name === name)
      const best = semver.maxSatisfying(
        all.map(({ version }) => version),
        range,
      )
      const one = all.find(({ version }) => version === best)
      if (!one || chosen.has(one)) continue
      chosen.add(one)
      choose(one.manifest, false)
    }
  }
  await visit(manifest, true)
  choose(manifest, true)
  return [...chosen]
}

async function taggedCommit({ git }: Pick<Clone, "git">, tag: string): Promise<string> {
  const ref = `refs/tags/${tag}`
  if ((await git("for-each-ref", ref)) !== "") return ref
  throw new PipelineError("RELEASE_MISSING", `${tag} is named, and has no tag`)
}
