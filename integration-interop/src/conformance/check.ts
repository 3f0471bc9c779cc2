import type { Subject } from "./subject.ts"

/** The parts of a mesh that can be checked. */
export const roles = ["registry", "nsmgr", "forwarder", "nse"] as const

/** One of them. */
export type Role = (typeof roles)[number]

/** One thing that peers depend on. */
export interface Check {
  /** Stays the same from one version of the suite to the next. */
  readonly id: string
  /** What has to be so, in a sentence. */
  readonly title: string
  /** Where that is written, or which program's behaviour it is. */
  readonly source: string
  /** Whom it concerns. */
  readonly roles: readonly Role[]
  /** Answers what it saw; throws a Deviation or NotApplicable where it did not see what it should. */
  readonly run: (subject: Subject) => Promise<string>
}

/** Something is not as it should be; says what was seen. */
export class Deviation extends Error {}

/** Something cannot be checked here; says why. */
export class NotApplicable extends Error {}

/** Ends a check that does not hold. */
export function must(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Deviation(seen)
}

/** Gives what has to be there. */
export function there<T>(value: T | undefined, seen: string): T {
  if (value === undefined) throw new Deviation(seen)
  return value
}
