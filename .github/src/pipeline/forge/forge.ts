import type { Findings } from "./findings.ts"
import type { Issue } from "./issue.ts"

/** What the checks of a commit say; `none` where nobody has begun any. */
export type Verdict = "green" | "red" | "running" | "none"

/** A change that somebody wants on main: a pull request. */
export interface Proposal {
  readonly branch: string
  readonly title: string
  /** What is changed and why, as Markdown. */
  readonly text: string
}

/** A proposal that is open, at a commit. */
export interface OpenProposal extends Proposal {
  readonly commit: string
  /** Why it waits for a person, if that has been said. */
  readonly waits?: string
}

/** Who the pipeline's commits are by. */
export interface Identity {
  readonly name: string
  readonly email: string
}

/** What the pipeline needs of the place where the repository lies. */
export interface Forge {
  /** What git clones from and pushes to. */
  readonly url: string
  /** @default git's own settings */
  readonly identity?: Identity | undefined
  /** The proposals of the pipeline that are open. */
  proposals(): Promise<readonly OpenProposal[]>
  /** Opens a proposal for a branch that has been pushed, or renews the one that there is. */
  propose(proposal: Proposal): Promise<void>
  /** Closes a proposal without merging and removes its branch. */
  withdraw(proposal: OpenProposal, why: string): Promise<void>
  /** Says in a proposal why it waits for a person. */
  wait(proposal: OpenProposal, why: string): Promise<void>
  /** Has a proposal checked, where the forge has checks of its own and may not have begun them. */
  check?(proposal: OpenProposal): Promise<void>
  /** What the checks of a commit say. */
  verdict(commit: string): Promise<Verdict>
  /** What the checks of a commit found, once all have ended. */
  findings(commit: string): Promise<Findings | undefined>
  /** Merges a proposal and removes its branch; false when it conflicts with main. */
  merge(proposal: OpenProposal): Promise<boolean>
  /** The issues of the pipeline that are open. */
  issues(): Promise<readonly Issue[]>
  /** Opens an issue, or renews the open one with its key. */
  report(issue: Issue): Promise<void>
  /** Closes the issue with a key, if one is open. */
  settle(key: string, why: string): Promise<void>
}
