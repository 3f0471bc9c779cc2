import type { PolicyInput } from "./input.ts"
import type { Claims } from "./jwt.ts"

/** What a policy decides about, and what it may look at to do so. */
export interface Question {
  /** The document that policies in Rego see as `input`. */
  readonly input: PolicyInput
  /** When it is asked, milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** What a token says; undefined when it cannot be read. */
  readonly claims: (token: string) => Claims | undefined
  /** Whether a token is signed with the key of the certificate that the peer showed. */
  readonly isSignedByPeer: (token: string) => boolean
}

/** What a policy says about a call. */
export type Verdict = Allowed | Denied

/** The call may go on. */
export interface Allowed {
  readonly isAllowed: true
}

/** The call may not go on. The texts come to the caller, so tokens and keys are never in them. */
export interface Denied {
  readonly isAllowed: false
  /** What the policy asks for, in a few words. */
  readonly rule: string
  /** What breaks it, with the hop where that is known. */
  readonly why: string
  /** What to do about it, as an instruction without a full stop. */
  readonly remedy: string
}

/** Says yes or no to calls. */
export interface Policy {
  /** By which settings, metrics and denials know it: `common/tokens_valid`, a path, a URL. */
  readonly name: string
  /** Decides. Fails with POLICY_FAILED when it cannot; the call is then denied too. */
  evaluate(question: Question): Verdict | Promise<Verdict>
}

/** The verdict of all policies that have nothing to object to. */
export const allowed: Allowed = { isAllowed: true }
