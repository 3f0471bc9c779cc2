/** What a number has to reach. */
export type Target = { readonly atMost: number } | { readonly atLeast: number }

/** One line of the benchmark's table. */
export interface Row {
  /** Which number this is, such as `one wire, p50`. */
  readonly name: string
  /** How it was measured, in few words. */
  readonly measured: string
  /** Missing when it could not be measured; then `skipped` says why. */
  readonly value?: number
  readonly unit: string
  /** Left out where the number only stands beside another. */
  readonly target?: Target
  readonly skipped?: string
}

/** What became of a row. */
export type Verdict = "pass" | "miss" | "skipped" | "beside"

/** Holds a row against its target. */
export function verdict({ value, target, skipped }: Row): Verdict {
  if (skipped !== undefined || value === undefined) return "skipped"
  if (!target) return "beside"
  const isReached = "atMost" in target ? value <= target.atMost : value >= target.atLeast
  return isReached ? "pass" : "miss"
}
