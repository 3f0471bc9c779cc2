import type { Workspace } from "../workspaces.ts"

/** One thing that holds for every package. */
export interface Check {
  /** Completes "every package …". */
  readonly title: string
  /** What is wrong, and what to do about it; nothing when all is well. */
  readonly faults: (workspace: Workspace, all: readonly Workspace[]) => readonly string[]
}

/** The fault, when something is the case. */
export function when(isFault: boolean, fault: string): readonly string[] {
  return isFault ? [fault] : []
}
