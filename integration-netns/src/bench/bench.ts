import type { Row } from "./row.ts"

/** What a benchmark is given. */
export interface BenchContext {
  /** Fires when the run is given up. */
  readonly signal: AbortSignal
  /** Says what is being done now. */
  readonly step: (text: string) => void
}

/** Measures something; answers lines of the table. */
export type Bench = (context: BenchContext) => Promise<readonly Row[]>
