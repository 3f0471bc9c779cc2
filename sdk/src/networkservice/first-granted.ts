import { type Call, callScope } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"

/** What to say when several candidates were tried and all failed. */
export interface AllFailed {
  readonly reason: Reason
  /** What was tried, in the plural. */
  readonly what: string
  readonly names: readonly string[]
  /** Is asked before each candidate but the first whether it may be tried. @default all may */
  readonly mayGoOn?: () => boolean
  /**
   * Whether a candidate gets only half of the time that is left while others wait behind it, so that
   * one that hangs does not use it up.
   * @default false
   */
  readonly sharesTime?: boolean
}

/**
 * Tries candidates in order until one succeeds or the call ends. A lone failure goes on as it is;
 * several become the causes of one error.
 */
export async function firstGranted<Candidate, Answer>(
  candidates: readonly Candidate[],
  call: Call,
  attempt: (candidate: Candidate, call: Call) => Promise<Answer>,
  { reason, what, names, mayGoOn = () => true, sharesTime = false }: AllFailed,
): Promise<Answer> {
  const failures: NsmError[] = []
  for (const [at, candidate] of candidates.entries()) {
    const [first] = failures
    if (first && !mayGoOn()) throw budgetExhausted(first, failures, what)
    const isLast = at === candidates.length - 1
    try {
      return await (sharesTime && !isLast
        ? inHalfTheTime(call, (shorter) => attempt(candidate, shorter))
        : attempt(candidate, call))
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

async function inHalfTheTime<T>(call: Call, run: (call: Call) => Promise<T>): Promise<T> {
  const { clock, remainingMs, signal } = call
  if (remainingMs === undefined) return await run(call)
  const deadline = clock.now() + remainingMs / 2
  using scope = callScope({ clock, deadline, signal })
  return await run(call.renewed({ deadline, signal: scope.signal }))
}

/** Says what the first candidate said, and that the others were not asked. */
function budgetExhausted(first: NsmError, failures: readonly NsmError[], what: string): NsmError {
  const text = `no further ${what} are tried, too much is tried again already: ${first.text}`
  const cause = failures.length === 1 ? first : new AggregateError(failures, text)
  return new NsmError("RETRY_BUDGET_EXHAUSTED", text, { cause })
}
