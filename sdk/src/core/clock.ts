/** The source of time. Everything that waits takes one, so that tests and simulations own time. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Runs once after `ms` milliseconds, unless disposed before. */
  schedule(ms: number, run: () => void): Disposable
}

/** Node caps timers at 2^31 - 1 ms and fires at once beyond it. */
const longestMs = 2 ** 31 - 1

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(ms, run) {
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      timer =
        left > longestMs
          ? setTimeout(() => arm(left - longestMs), longestMs)
          : setTimeout(run, Math.max(0, left))
    }
    arm(ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Waits `ms` milliseconds; rejects with the signal's reason when that fires first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = (): void => {
      timer[Symbol.dispose]()
      reject(signal?.reason as Error)
    }
    const timer = clock.schedule(ms, () => {
      signal?.removeEventListener("abort", stop)
      resolve()
    })
    signal?.addEventListener("abort", stop, { once: true })
  })
}
