import { distance } from "fastest-levenshtein"
import type { Settings } from "./setting.ts"

/** A variable that looks like a setting but is none. */
export interface UnknownVariable {
  readonly variable: string
  /** The setting that was probably meant. */
  readonly didYouMean?: string
}

/** Finds `NSM_*` variables that the table does not know. Rows ending in `*` know a whole family. */
export function unknownVariables(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): readonly UnknownVariable[] {
  const known = Object.values(settings).map(({ env }) => env)
  const isKnown = (variable: string): boolean =>
    known.some((env) =>
      env.endsWith("*") ? variable.startsWith(env.slice(0, -1)) : env === variable,
    )
  return Object.keys(environment)
    .filter((variable) => variable.startsWith("NSM_") && !isKnown(variable))
    .toSorted()
    .map((variable) => {
      const didYouMean = nearest(variable, known)
      return didYouMean === undefined ? { variable } : { variable, didYouMean }
    })
}

/** A third of the letters may differ; beyond that a guess would mislead. */
function nearest(variable: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((env) => ({ env, far: distance(variable, env) }))
    .filter(({ env, far }) => far <= Math.ceil((env.length - "NSM_".length) / 3))
    .toSorted((a, b) => a.far - b.far)
  return best?.env
}
