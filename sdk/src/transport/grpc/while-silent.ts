import type { Clock } from "../../core/clock.ts"

/** When a caller begins to wonder; it looks again after twice, four times that time, and so on. */
const patienceMs = 250

/** Runs something again and again, ever more rarely, until it is disposed. */
export function whileSilent(clock: Clock, run: () => void): Disposable {
  let timer: Disposable
  const arm = (ms: number): void => {
    timer = clock.schedule(ms, () => {
      arm(2 * ms)
      run()
    })
  }
  arm(patienceMs)
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
}
