import { setTimeout as wait } from "node:timers/promises"

/** What came of calls at a steady rate. */
export interface SteadyLoad {
  /** How long each call took that succeeded, in milliseconds. */
  readonly times: readonly number[]
  /** Why the others failed. */
  readonly failures: readonly unknown[]
}

/** How steadily is called, and for how long. */
export interface SteadyLoadOptions {
  readonly perSecond: number
  readonly seconds: number
  /** More calls than this at the same time the machine cannot do; then fewer are begun. @default 16 */
  readonly inFlight?: number
  readonly signal?: AbortSignal
}

/** Begins `call` for 0 and on at a steady rate, as far as the machine keeps up with it. */
export async function steadyLoad(
  { perSecond, seconds, inFlight = 16, signal }: SteadyLoadOptions,
  call: (index: number) => Promise<unknown>,
): Promise<SteadyLoad> {
  const times: number[] = []
  const failures: unknown[] = []
  const one = async (index: number): Promise<void> => {
    const from = performance.now()
    try {
      await call(index)
      times.push(performance.now() - from)
    } catch (failure) {
      failures.push(failure)
    }
  }
  const from = performance.now()
  const calls = new Set<Promise<void>>()
  let index = 0
  for (let slot = 0; slot < perSecond * seconds; slot++) {
    signal?.throwIfAborted()
    const early = from + (slot * 1000) / perSecond - performance.now()
    if (early > 0) await wait(early)
    if (calls.size >= inFlight) continue
    const begun = one(index++).finally(() => calls.delete(begun))
    calls.add(begun)
  }
  await Promise.all(calls)
  return { times, failures }
}
