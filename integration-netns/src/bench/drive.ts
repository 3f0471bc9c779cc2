import { quantile } from "./quantile.ts"

/** What came of calling something many times. */
export interface Driven {
  /** How long each call took, in milliseconds. */
  readonly times: readonly number[]
  readonly perSecond: number
}

/** Does `work` for 0 to `count` - 1, `inFlight` at the same time, and times each. */
export async function drive(
  { count, inFlight }: { readonly count: number; readonly inFlight: number },
  work: (index: number) => Promise<unknown>,
): Promise<Driven> {
  const times: number[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now()
      await work(index)
      times.push(performance.now() - from)
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane))
  return { times, perSecond: (count * 1000) / (performance.now() - from) }
}

/** The two figures of a run with one call at a time and one with many. */
export function p50({ times }: Driven): number {
  return quantile(times, 0.5)
}
