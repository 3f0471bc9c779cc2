import { Worker } from "node:worker_threads"
import type { Outcome } from "../outcome.ts"
import type { Plan } from "../plan.ts"

/** What a worker says: how far it is, what came out, or that it could not go on. */
export type Answer =
  | { readonly virtualMs: number }
  | { readonly outcome: Outcome }
  | { readonly failure: string }

/** What a worker is asked for. */
export interface Errand {
  readonly plan: Plan
  /** Whether what happened is wanted, too. */
  readonly trace: boolean
}

/** How plans are lived through. */
export interface PoolOptions {
  readonly jobs: number
  /** Whether what happened is wanted, too. */
  readonly trace: boolean
  /** Hears of each that came to an end, in whatever order. */
  readonly onOutcome: (outcome: Outcome) => void
  /** A worker that says nothing for so long is stuck. @default 2 minutes */
  readonly silenceMs?: number
}

const file = new URL(`./worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

/** Lives through plans, several side by side. */
export async function liveThrough(
  plans: Iterable<Plan>,
  { jobs, trace, onOutcome, silenceMs = 120_000 }: PoolOptions,
): Promise<void> {
  const waiting = plans[Symbol.iterator]()
  const work = async (): Promise<void> => {
    let worker: Worker | undefined
    try {
      for (let next = waiting.next(); !next.done; next = waiting.next()) {
        worker ??= new Worker(file)
        const answer = await answerOf(worker, { plan: next.value, trace }, silenceMs)
        if ("outcome" in answer) onOutcome(answer.outcome)
        else {
          await worker.terminate()
          worker = undefined
          onOutcome(broken(next.value, answer.failure))
        }
      }
    } finally {
      await worker?.terminate()
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
}

/** The end of one plan, however it ends. */
function answerOf(
  worker: Worker,
  errand: Errand,
  silenceMs: number,
): Promise<Exclude<Answer, { virtualMs: number }>> {
  return new Promise((resolve) => {
    const stuck = setTimeout(
      () => end({ failure: `nothing was heard of it for ${silenceMs} ms: it is stuck` }),
      silenceMs,
    )
    const fail = (failure: Error): void => end({ failure: failure.stack ?? failure.message })
    const hear = (answer: Answer): void => {
      if ("virtualMs" in answer) stuck.refresh()
      else end(answer)
    }
    const end = (answer: Exclude<Answer, { virtualMs: number }>): void => {
      clearTimeout(stuck)
      worker.off("message", hear).off("error", fail)
      resolve(answer)
    }
    worker.on("message", hear).on("error", fail)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(errand)
  })
}

/** The outcome of what never came to an end, such as a promise that nobody caught. */
function broken(plan: Plan, text: string): Outcome {
  const invariant = "a simulation comes to its end"
  const found = [{ invariant, connection: "", hop: "world", text, at: 0 }]
  const nothing = { connections: 0, requests: 0, recoveryMs: 0, virtualMs: 0 }
  return { plan, found, trace: [], struck: {}, ...nothing }
}
