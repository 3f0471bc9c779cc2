import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Clone } from "../clone.ts"
import type { Manifest } from "../../workspaces.ts"
import type { Graph } from "../graph.ts"
import type { Pack } from "./alone-lock.ts"
import { buildSteps } from "./build-steps.ts"
import { chosenFor, type Instead } from "./chosen.ts"
import type { NpmOptions } from "./npm.ts"
import { packOf } from "./pack.ts"
import { type At, type Plan, reader } from "./plan-alone.ts"
import { slots, type Slots } from "./slots.ts"
import { type Done, through } from "./steps.ts"

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
      ...(await through(buildSteps({ copy, made, cwd, limits }))),
    }
  }
  return { slots: places, plan, build }
}

/** All of them; the first that fails does so only when none is at work any more. */
async function allOf<Value>(all: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(all)
  return Promise.all(all)
}
