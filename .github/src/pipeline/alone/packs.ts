import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import type { Graph } from "../graph.ts"
import { PipelineError } from "../pipeline-error.ts"
import { namedVersion } from "../range.ts"
import { tagOf } from "../releases.ts"
import { exportAlone } from "./export-alone.ts"
import { npm, type NpmOptions } from "./npm.ts"
import { type Pack, packRegistry } from "./pack-registry.ts"

/** Released packages, built and packed when first asked for, and what is installed from them. */
export interface Packs {
  /** Installs for a package alone the versions that its manifest names, and no others. */
  install(folder: string, manifest: Manifest): Promise<void>
}

/** Where packages come from, and where they are packed. */
export interface PacksOptions extends Omit<NpmOptions, "cwd"> {
  readonly copy: Clone
  readonly graph: Graph
  /** A folder for what is built; the caller removes it. */
  readonly work: string
}

/** Packs releases from their tags. */
export function packsOf({ copy, graph, work, ...limits }: PacksOptions): Packs {
  const known = new Map<string, Promise<Pack>>()
  const pack = async (name: string, version: string): Promise<Pack> => {
    const tag = tagOf(name, version)
    const made = known.get(tag) ?? make(name, version)
    known.set(tag, made)
    return made
  }

  const make = async (name: string, version: string): Promise<Pack> => {
    const commit = tagOf(name, version)
    if ((await copy.git("tag", "--list", commit)) === "") {
      throw new PipelineError("RELEASE_MISSING", `${commit} is named, and has no tag`)
    }
    const folder = graph.find((one) => one.name === name)?.folder ?? ""
    const cwd = join(await mkdtemp(join(work, "pack-")), "package")
    await exportAlone({ copy, commit, folder, into: cwd })
    const manifest = await readManifest(cwd)
    await install(cwd, manifest)
    await npm(["run", "build", "--if-present"], { cwd, ...limits })
    const shipped = { ...manifest, exports: withoutSources(manifest["exports"]) }
    await writeFile(join(cwd, "package.json"), JSON.stringify(shipped))
    const told = await npm(["pack", "--json", "--ignore-scripts"], { cwd, ...limits })
    const [{ filename } = { filename: "" }] = JSON.parse(told) as readonly { filename: string }[]
    return { manifest: shipped, file: join(cwd, filename) }
  }

  /** What a package gets with those that it names, once each. */
  const allOf = async (manifest: Manifest, isOwn: boolean): Promise<readonly Pack[]> => {
    const ranges = { ...(isOwn && manifest.devDependencies), ...manifest.dependencies }
    const named = Object.entries(ranges).filter(([name]) => graph.some((one) => one.name === name))
    const found = await Promise.all(
      named.map(async ([name, range]) => {
        const first = await pack(name, namedVersion(range, `${manifest.name}: ${name}`))
        return [first, ...(await allOf(first.manifest, false))]
      }),
    )
    return [...new Set(found.flat())]
  }

  const install = async (cwd: string, manifest: Manifest): Promise<void> => {
    await using registry = await packRegistry(await allOf(manifest, true))
    const scopes = new Set(graph.map(({ name }) => name.split("/")[0] ?? ""))
    const ours = [...scopes].map((scope) => `--${scope}:registry=${registry.url}`)
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"]
    await npm(["install", ...quiet, ...ours], { cwd, ...limits })
  }
  return { install }
}

/** The manifest of an exported package. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest
}

/** Node strips no types of what is installed, so users of a packed package get what was built. */
function withoutSources(exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null) return exports
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([key]) => key !== "source")
      .map(([key, value]) => [key, withoutSources(value)]),
  )
}
