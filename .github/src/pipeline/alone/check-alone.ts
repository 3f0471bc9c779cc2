import type { Findings } from "../forge/findings.ts"
import { scripts } from "./build-steps.ts"
import { type Build, type Builds, buildsOf, type BuildsOptions } from "./builds.ts"
import type { Instead } from "./chosen.ts"
import type { At, Plan } from "./plan-alone.ts"
import { type Done, through } from "./steps.ts"

/** Checks packages alone; what they are built on is packed once. */
export interface Alone {
  /** Installs, builds, lints and tests one as it is at a commit. */
  check(folder: string, commit: string, options?: CheckOptions): Promise<Findings>
}

/** How a package is checked. */
export interface CheckOptions {
  /** Packages of the suite that it gets from other commits than their tags. */
  readonly instead?: Instead | undefined
}

/** Where packages come from, and what is done with them. */
export interface AloneOptions extends BuildsOptions {
  /** Steps that are left out. @default [] */
  readonly without?: readonly ("lint" | "test")[] | undefined
}

/** Checks packages alone, each against exactly the versions that it names. */
export function alone({ without = [], ...options }: AloneOptions): Alone {
  const builds = buildsOf(options)
  const { signal, timeoutMs } = options
  return {
    async check(folder, commit, { instead } = {}) {
      const began = new Date().toISOString()
      const { build, ...before } = await built(builds, { folder, commit }, instead)
      const parts: Done[] = [before]
      if (build) parts.push(build)
      if (build && !build.failed) {
        using _ = await builds.slots.take()
        const { cwd, manifest } = build
        const names = (["lint", "test"] as const).filter((one) => !without.includes(one))
        parts.push(await through(scripts({ manifest, names, cwd, signal, timeoutMs })))
      }
      const steps = parts.flatMap((part) => part.steps)
      const failed = parts.at(-1)?.failed
      const ms = steps.reduce((sum, step) => sum + step.ms, 0)
      return { verdict: failed ? "red" : "green", began, ms, steps, ...(failed && { failed }) }
    },
  }
}

/** First what it is built on, then itself. */
async function built(
  builds: Builds,
  at: At,
  instead: Instead | undefined,
): Promise<Done & { readonly build?: Build }> {
  let plan: Plan | undefined
  const packing = await through(
    (async function* () {
      yield "pack"
      plan = await builds.plan(at, instead)
    })(),
  )
  return { ...packing, ...(plan && { build: await builds.build(plan) }) }
}
