import { parentPort } from "node:worker_threads"
import { outcomeOf } from "../outcome.ts"
import type { Answer, Errand } from "./pool.ts"

// Lives through one plan after the other, apart from what shows their progress.

const everyMs = 5000

parentPort?.on("message", ({ plan, trace }: Errand) => {
  let told = performance.now()
  const onProgress = (virtualMs: number): void => {
    if (performance.now() - told < everyMs) return
    told = performance.now()
    answer({ virtualMs })
  }
  outcomeOf(plan, { onProgress }).then(
    (outcome) => answer({ outcome: trace ? outcome : { ...outcome, trace: [] } }),
    (failure: unknown) =>
      answer({ failure: String(failure instanceof Error ? failure.stack : failure) }),
  )
})

function answer(message: Answer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message)
}
