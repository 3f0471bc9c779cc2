import type { Clock } from "../core/clock.ts"

/** What looking needs. */
export interface LookAgainOptions {
  readonly clock: Clock
  /** Milliseconds between the end of one look and the next. @default 1000 */
  readonly periodMs?: number
}

/**
 * Looks at something, and again and again until it is disposed; resolves after the first look. For
 * files, because configuration maps are exchanged by way of links, which file notifications miss.
 */
export async function lookAgain(
  look: () => Promise<void>,
  { clock, periodMs = 1000 }: LookAgainOptions,
): Promise<AsyncDisposable> {
  let timer: Disposable | undefined
  let isOver = false
  let looking = look()
  const lookLater = (): void => {
    if (isOver) return
    timer = clock.schedule(periodMs, () => {
      looking = look().then(lookLater)
    })
  }
  await looking
  lookLater()
  return {
    async [Symbol.asyncDispose]() {
      isOver = true
      timer?.[Symbol.dispose]()
      await looking
    },
  }
}
