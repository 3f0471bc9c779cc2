import { mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { type Findings, lastPart } from "../forge/findings.ts"
import { PipelineError } from "../pipeline-error.ts"
import { exportAlone } from "./export-alone.ts"
import { npm } from "./npm.ts"
import { packsOf, type Packs, type PacksOptions, readManifest } from "./packs.ts"

/** Checks packages alone; what they are built on is packed once. */
export interface Alone {
  /** Installs, builds and tests one as it is at a commit. */
  check(folder: string, commit: string): Promise<Findings>
}

/** Checks packages alone, each against exactly the versions that it names. */
export function alone(options: PacksOptions): Alone {
  const packs = packsOf(options)
  return {
    async check(folder, commit) {
      return findingsOf(stepsOf({ ...options, packs, folder, commit }))
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

/** Runs the steps until one fails, and times each. */
async function findingsOf(steps: Steps): Promise<Findings> {
  const began = new Date().toISOString()
  const begins: { name: string; at: number }[] = []
  const timed = (): Omit<Findings, "verdict"> => {
    const end = performance.now()
    const ms = (from: number, to = end): number => Math.round(to - from)
    const all = begins.map(({ name, at }, index) => ({ name, ms: ms(at, begins[index + 1]?.at) }))
    return { began, ms: ms(begins[0]?.at ?? end), steps: all }
  }
  try {
    for await (const name of steps) begins.push({ name, at: performance.now() })
    return { verdict: "green", ...timed() }
  } catch (error) {
    // An end that was asked for says nothing about the package.
    if (!(error instanceof PipelineError) || error.reason === "INTERRUPTED") throw error
    const failed = { step: begins.at(-1)?.name ?? "", log: lastPart(error.message) }
    return { verdict: "red", ...timed(), failed }
  }
}
