import { plainText } from "../plain-text.ts"

/** What the checks of a commit found. */
export interface Findings {
  readonly verdict: "green" | "red"
  /** When they began, as ISO 8601. */
  readonly began: string
  readonly ms: number
  /** What was done, in order; a red one ends with what failed. */
  readonly steps: readonly FoundStep[]
  /** What failed, and the last part of what was said. */
  readonly failed?: { readonly step: string; readonly log: string }
}

/** One thing that was done. */
export interface FoundStep {
  readonly name: string
  /** When it began, where that is known: it may have waited for a processor. */
  readonly began?: string
  readonly ms: number
}

/** The last part of what was said, in whole lines, short enough to be kept and fit to be shown. */
export function lastPart(text: string, most = 20_000): string {
  const kept = text.trim().slice(-most)
  const isWhole = kept.length === text.trim().length
  return plainText(isWhole ? kept : kept.slice(kept.indexOf("\n") + 1))
}
