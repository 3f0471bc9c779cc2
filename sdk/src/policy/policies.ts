import type { Call, Peer } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import type { TokenVerifier } from "../identity/verified-tokens.ts"
import { denial, failure } from "./denial.ts"
import type { Policy, Question, Verdict } from "./policy.ts"
import { questionOf, type Subject } from "./question.ts"
import { type PolicyRecord, recordOf } from "./record.ts"

/** Where in a process policies are asked. */
export type PolicyPoint = "server" | "client" | "registry-server" | "registry-client" | "monitor"

/** What was decided, as metrics name it. */
export type Decision = "allowed" | "denied" | "failed" | "would-deny" | "would-fail"

/** Policies that must all allow a call. */
export interface Policies {
  /** Fails with PERMISSION_DENIED, or POLICY_FAILED, unless each of them allows it. */
  check(subject: Subject, peer: Peer | undefined, call: Call): Promise<void>
}

/** What policies are asked with. */
export interface PoliciesOptions {
  readonly point: PolicyPoint
  /** In the order in which they are asked; the first that denies ends it. */
  readonly policies: readonly Policy[]
  readonly verifier: TokenVerifier
  /** Whether a policy is only reported on, by its name. @default none is */
  readonly isDryRun?: (name: string) => boolean
  /** Hears of every decision. @default nobody */
  readonly onDecision?: (policy: string, decision: Decision) => void
  /** Keeps what was asked and what came of it, to be replayed. @default nothing is kept */
  readonly record?: ((record: PolicyRecord) => void) | undefined
}

/** Makes one check of several policies. */
export function policies({
  point,
  policies,
  verifier,
  isDryRun = () => false,
  onDecision = () => {},
  record,
}: PoliciesOptions): Policies {
  /** What one policy says; a failure that is enforced is thrown, others count as allowed. */
  const ask = async (policy: Policy, question: Question, call: Call): Promise<void> => {
    const dry = isDryRun(policy.name)
    let decision: Decision = "allowed"
    let error: NsmError | undefined
    try {
      const verdict: Verdict = await policy.evaluate(question)
      if (!verdict.isAllowed) {
        decision = dry ? "would-deny" : "denied"
        error = denial(policy, verdict)
      }
    } catch (thrown) {
      if (call.signal.aborted) throw NsmError.from(call.signal.reason)
      decision = dry ? "would-fail" : "failed"
      error = failure(policy, thrown)
    }
    onDecision(policy.name, decision)
    if (!error) return
    if (!dry) throw error
    call.log.warn("a policy that is on trial would have denied a call", { point, error })
  }

  return {
    async check(subject, peer, call) {
      const { clock, signal } = call
      const question = questionOf(subject, { peer, verifier, now: clock.now(), signal })
      let error: NsmError | undefined
      try {
        for (const policy of policies) await ask(policy, question, call)
      } catch (thrown) {
        error = NsmError.from(thrown)
        throw error
      } finally {
        record?.(recordOf(point, question, error))
      }
    },
  }
}
