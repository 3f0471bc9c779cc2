import type { Call } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"

/** What to say when several candidates were tried and all failed. */
export interface AllFailed {
  readonly reason: Reason
  /** What was tried, in the plural. */
  readonly what: string
  readonly names: readonly string[]
}

/**
 * Tries candidates in order until one succeeds or the call ends. A lone failure goes on as it is;
 * several become the causes of one error.
 */
export async function firstGranted<Candidate, Answer>(
  candidates: readonly Candidate[],
  call: Call,
  attempt: (candidate: Candidate) => Promise<Answer>,
  { reason, what, names }: AllFailed,
): Promise<Answer> {
  const failures: NsmError[] = []
  for (const candidate of candidates) {
    try {
      return await attempt(candidate)
    } catch (failure) {
      failures.push(NsmError.from(failure))
      if (call.signal.aborted) break
    }
  }
  const [only, ...others] = failures
  if (only && others.length === 0) throw only
  const text = `all ${what} that were tried failed: ${names.slice(0, failures.length).join(", ")}`
  const late = call.signal.aborted ? failures.at(-1) : undefined
  throw new NsmError(reason, text, {
    cause: new AggregateError(failures, text),
    ...(late && { code: late.code }),
  })
}
