import type { Clock } from "../core/clock.ts"

/** When waiting ends. */
export interface UnlessLateOptions {
  readonly clock: Clock
  /** Starts the limit. */
  readonly signal: AbortSignal
  readonly limitMs: number
}

/** Waits for work; once the signal has fired, only so long. Then rejects with the signal's reason. */
export async function unlessLate<T>(
  work: Promise<T>,
  { clock, signal, limitMs }: UnlessLateOptions,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  let timer: Disposable | undefined
  const begin = (): void => {
    timer = clock.schedule(limitMs, () => late.reject(signal.reason as Error))
  }
  if (signal.aborted) begin()
  signal.addEventListener("abort", begin, { once: true })
  try {
    return await Promise.race([work, late.promise])
  } finally {
    signal.removeEventListener("abort", begin)
    timer?.[Symbol.dispose]()
  }
}
