import type { FoundStep } from "../../forge/findings.ts"
import type { Wave } from "../waves.ts"

/** How long the checks of a package took in a wave: the last ones, where there were several. */
export interface CheckedPackage {
  readonly folder: string
  readonly stage: number
  /** Its own steps: what it is built on is packed for all of a stage. */
  readonly ms: number
  readonly steps: readonly FoundStep[]
}

/** The packages of a wave, by stages, with how long their checks took. */
export function packagesOf({ updates }: Wave): readonly CheckedPackage[] {
  const all = new Map(
    updates.flatMap(({ folder, stage, builds }) => {
      const findings = builds.at(-1)?.findings
      if (!findings) return []
      const steps = findings.steps.filter(({ name }) => name !== "pack")
      const ms = steps.reduce((sum, step) => sum + step.ms, 0)
      return [[folder, { folder, stage, ms, steps }] as const]
    }),
  )
  return [...all.values()]
}

/** What stopped a wave at a package. */
export interface RedPackage {
  readonly folder: string
  readonly step: string
  readonly log: string
}

/** The packages at which a wave has stopped, with what was said. */
export function redPackagesOf({ updates }: Wave): readonly RedPackage[] {
  return updates.flatMap(({ folder, merged, builds }) => {
    const failed = builds.at(-1)?.findings?.failed
    return failed && merged === undefined ? [{ folder, ...failed }] : []
  })
}
