import { availableParallelism } from "node:os"

/** Places for work that keeps a processor busy. */
export interface Slots {
  /** Waits for a place, which is free again once what is returned is disposed of. */
  take(): Promise<Disposable>
}

/** As many places as there are processors, unless told otherwise. */
export function slots(count = availableParallelism()): Slots {
  let free = count
  const waiting: (() => void)[] = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }
  return {
    async take() {
      if (free > 0) free -= 1
      else {
        // Whoever leaves hands the place over.
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.push(resolve)
        await promise
      }
      return { [Symbol.dispose]: leave }
    },
  }
}
