import assert from "node:assert/strict"
import { isDeepStrictEqual } from "node:util"
import { setTimeout as wait } from "node:timers/promises"

/** Waits until something is so; fails when it does not come to that in time. */
export async function becomes(
  look: () => unknown,
  wanted: unknown,
  patienceMs = 10_000,
): Promise<void> {
  for (const until = Date.now() + patienceMs; Date.now() < until; await wait(50)) {
    if (isDeepStrictEqual(await look(), wanted)) return
  }
  assert.deepEqual(await look(), wanted)
}
