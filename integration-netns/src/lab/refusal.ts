import assert from "node:assert/strict"
import { NsmError, type Reason, rootCause } from "@nsm/sdk"

/** What a client is told when it is refused. */
export interface Refusal {
  readonly reason: Reason
  /** Name of the process that refused; undefined where the call did not get that far. */
  readonly hop: string | undefined
  /** What the cause says in words. */
  readonly text: RegExp
}

/** Asserts that a call is refused, with a root cause that says why and where. */
export async function assertRefused(
  call: Promise<unknown>,
  { reason, hop, text }: Refusal,
): Promise<NsmError> {
  const failure = await call.then(
    () => assert.fail(`it succeeded, and should have been refused with ${reason}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(failure instanceof NsmError, String(failure))
  const cause = rootCause(failure)
  const story = `${failure.message}; at the root: ${cause.message}`
  assert.equal(cause.reason, reason, story)
  assert.equal(cause.hop, hop, story)
  assert.match(cause.text, text, story)
  return failure
}
