import { mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { PipelineError } from "../pipeline-error.ts"
import { exportAlone } from "./export-alone.ts"
import { npm } from "./npm.ts"
import { packsOf, type Packs, type PacksOptions, readManifest } from "./packs.ts"

/** What became of a package alone. */
export interface Checked {
  readonly verdict: "green" | "red"
  /** What failed, and what was said. */
  readonly failed?: { readonly step: string; readonly log: string }
  readonly ms: number
}

/** Checks packages alone; what they are built on is packed once. */
export interface Alone {
  /** Installs, builds and tests one as it is at a commit. */
  check(folder: string, commit: string): Promise<Checked>
}

/** Checks packages alone, each against exactly the versions that it names. */
export function alone(options: PacksOptions): Alone {
  const packs = packsOf(options)
  return {
    async check(folder, commit) {
      const begin = performance.now()
      const failed = await firstFailure(stepsOf({ ...options, packs, folder, commit }))
      const ms = Math.round(performance.now() - begin)
      return failed ? { verdict: "red", failed, ms } : { verdict: "green", ms }
    },
  }
}

type Steps = AsyncGenerator<string, void>

/** Each step is named before it begins. */
async function* stepsOf(
  options: PacksOptions & { packs: Packs; folder: string; commit: string },
): Steps {
  const { copy, work, packs, folder, commit, signal, timeoutMs } = options
  const cwd = join(await mkdtemp(join(work, "alone-")), "package")
  const limits = { cwd, signal, timeoutMs }
  yield "export"
  await exportAlone({ copy, commit, folder, into: cwd })
  yield "install"
  await packs.install(cwd, await readManifest(cwd))
  // npm installs what is offered even where it does not fit, and only says so here.
  yield "npm ls"
  await npm(["ls", "--all"], limits)
  yield "build"
  await npm(["run", "build", "--if-present"], limits)
  yield "test"
  await npm(["test", "--if-present"], limits)
}

async function firstFailure(steps: Steps): Promise<Checked["failed"]> {
  let step = ""
  try {
    for await (const name of steps) step = name
    return undefined
  } catch (error) {
    // An end that was asked for says nothing about the package.
    if (!(error instanceof PipelineError) || error.reason === "INTERRUPTED") throw error
    return { step, log: error.message }
  }
}
