import type { Callee } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"

/**
 * Takes an answer that `check` lets pass. A hop that has got another certificate since it was connected
 * to signs with a key that its old one does not prove; so where it shows another one now, it is asked
 * once more before its answer is denied.
 */
export async function checked<Answer>(
  answer: Answer,
  { peer }: Callee,
  askAgain: () => Promise<Answer>,
  check: (answer: Answer) => Promise<void>,
): Promise<Answer> {
  try {
    await check(answer)
    return answer
  } catch (failure) {
    const isDenied = NsmError.from(failure).reason === "PERMISSION_DENIED"
    if (!isDenied || !(await peer?.renew?.())) throw failure
  }
  const again = await askAgain()
  await check(again)
  return again
}
