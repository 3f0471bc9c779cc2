import { type Check, Deviation, NotApplicable, type Role } from "./check.ts"
import type { Subject } from "./subject.ts"

/** What became of a check. */
export type Verdict = "pass" | "fail" | "not applicable"

/** A check with what became of it. */
export interface Result {
  readonly id: string
  readonly title: string
  readonly source: string
  readonly verdict: Verdict
  /** What was seen, or why nothing was looked at. */
  readonly seen: string
}

/** All that was seen of one part of a mesh. */
export interface Report {
  readonly role: Role
  readonly address: string
  readonly results: readonly Result[]
}

/** Longest a check may take. */
const limitMs = 30_000

/** Runs the checks that concern a subject, one after the other. */
export async function examine(subject: Subject, checks: readonly Check[]): Promise<Report> {
  const { role, address } = subject
  const results: Result[] = []
  for (const check of checks) {
    if (check.roles.includes(role)) results.push(await resultOf(check, subject))
  }
  return { role, address, results }
}

async function resultOf({ run, id, title, source }: Check, subject: Subject): Promise<Result> {
  const entry = { id, title, source }
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(new Deviation("no end in 30 s")), limitMs)
  try {
    return { ...entry, verdict: "pass", seen: await Promise.race([run(subject), over.promise]) }
  } catch (failure) {
    if (failure instanceof NotApplicable) {
      return { ...entry, verdict: "not applicable", seen: failure.message }
    }
    // Whatever else goes wrong is not as it should be either.
    return {
      ...entry,
      verdict: "fail",
      seen: failure instanceof Error ? failure.message : String(failure),
    }
  } finally {
    clearTimeout(timer)
  }
}
