import type { Progress } from "../view/progress.ts"

/** What every command is given: where to report, and when to stop. */
export interface Context {
  readonly progress: Progress
  /** Fires on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}
