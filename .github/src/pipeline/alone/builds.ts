import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Clone } from "../clone.ts"
import type { Manifest } from "../../workspaces.ts"
import type { Graph } from "../graph.ts"
import { lockText } from "../lock-file.ts"
import type { Pack } from "./alone-lock.ts"
import { chosenFor, type Instead } from "./chosen.ts"
import { exportAlone } from "./export-alone.ts"
import { npm, type NpmOptions } from "./npm.ts"
import { packOf } from "./pack.ts"
import { type At, type Plan, reader } from "./plan-alone.ts"
import { slots, type Slots } from "./slots.ts"
import { type Done, type Steps, through } from "./steps.ts"

/** A package alone that has been installed and built, or has failed to. */
export interface Build extends Done {
  readonly cwd: string
  readonly manifest: Manifest
}

/** Builds packages alone, each once, and those that they get as well. */
export interface Builds {
  readonly slots: Slots
  plan(at: At, instead?: Instead): Promise<Plan>
  build(plan: Plan): Promise<Build>
}

/** Where packages come from, and where they are built. */
export interface BuildsOptions extends Omit<NpmOptions, "cwd"> {
  readonly copy: Pick<Clone, "git">
  readonly graph: Graph
  /**
   * A folder for what is built; the caller removes it. The tarballs in it serve the next one that
   * is given it too.
   */
  readonly work: string
  /** How many packages may be worked on at a time. @default as many as there are processors */
  readonly parallel?: number | undefined
}

/** Where in a folder for work packages are built. */
export function buildsFolder(work: string): string {
  return join(work, "builds")
}

/** Builds packages of a suite. */
export function buildsOf({ copy, graph, work, parallel, ...limits }: BuildsOptions): Builds {
  const read = reader(copy)
  const places = slots(parallel)
  const builds = new Map<string, Promise<Build>>()
  const packs = new Map<string, Promise<Pack>>()

  const plan = async (at: At, instead?: Instead): Promise<Plan> => {
    const manifest = await read.manifest(at)
    const chosen = await chosenFor({ copy, graph, manifest, instead })
    const needed = chosen.map(async ({ name, version, ...from }) => {
      const key = `${name} ${version} ${from.commit}`
      const pack = packs.get(key) ?? plan(from).then((made) => packed(made, version))
      packs.set(key, pack)
      return pack
    })
    return read.plan(at, await allOf(needed))
  }

  const packed = async (made: Plan, version: string): Promise<Pack> =>
    packOf({ plan: made, version, work, build: async () => build(made), ...limits })

  const build = async (made: Plan): Promise<Build> => {
    const known = builds.get(made.key) ?? inPlace(made)
    builds.set(made.key, known)
    return known
  }

  const inPlace = async (made: Plan): Promise<Build> => {
    using _ = await places.take()
    const cwd = join(buildsFolder(work), made.key)
    // A run that broke off may have left half of it.
    await rm(cwd, { recursive: true, force: true })
    return {
      cwd,
      manifest: made.manifest,
      ...(await through(stepsOf({ copy, made, cwd, limits }))),
    }
  }
  return { slots: places, plan, build }
}

async function* stepsOf({
  copy,
  made,
  cwd,
  limits,
}: {
  copy: Pick<Clone, "git">
  made: Plan
  cwd: string
  limits: Omit<NpmOptions, "cwd">
}): Steps {
  const inside = { cwd, ...limits }
  yield "export"
  await exportAlone({ copy, commit: made.commit, folder: made.folder, into: cwd })
  await writeFile(join(cwd, "package-lock.json"), lockText(made.lock))
  yield "install"
  // What is native comes prebuilt, so nobody's scripts have anything to do.
  await npm(["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], inside)
  yield "npm ls"
  await npm(["ls", "--all"], inside)
  yield* scripts({ manifest: made.manifest, names: ["build"], ...inside })
}

/** Runs those of some scripts that a package has. */
export async function* scripts({
  manifest,
  names,
  ...inside
}: NpmOptions & { readonly manifest: Manifest; readonly names: readonly string[] }): Steps {
  const has = manifest["scripts"] ?? {}
  for (const name of names) {
    if (!Object.hasOwn(has, name)) continue
    yield name
    await npm(["run", name], inside)
  }
}

/** All of them; the first that fails does so only when none is at work any more. */
async function allOf<Value>(all: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(all)
  return Promise.all(all)
}
