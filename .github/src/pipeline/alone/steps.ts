import { type Findings, lastPart } from "../forge/findings.ts"
import { PipelineError } from "../pipeline-error.ts"
import type { Reason } from "../reasons.ts"

/** What is done, one thing after the other; each is named before it begins. */
export type Steps = AsyncGenerator<string, void>

/** How steps went. */
export type Done = Pick<Findings, "steps" | "failed">

/** Runs steps until one fails, and times each. */
export async function through(steps: Steps): Promise<Done> {
  const begins: { name: string; at: number; began: string }[] = []
  const timed = (): Done["steps"] => {
    const end = performance.now()
    return begins.map(({ name, at, began }, index) => {
      return { name, began, ms: Math.round((begins[index + 1]?.at ?? end) - at) }
    })
  }
  try {
    for await (const name of steps) {
      begins.push({ name, at: performance.now(), began: new Date().toISOString() })
    }
    return { steps: timed() }
  } catch (error) {
    if (!(error instanceof PipelineError) || elsewhere.has(error.reason)) throw error
    const failed = { step: begins.at(-1)?.name ?? "", log: lastPart(told(error)) }
    return { steps: timed(), failed }
  }
}

/** What failed in a check says itself what to do. */
function told({ reason, message, remedy }: PipelineError): string {
  return reason === "CHECK_FAILED" ? message : `${message}\nwhat to do: ${remedy}`
}

/** What says nothing about the package: an end that was asked for, a machine that lacks something. */
const elsewhere: ReadonlySet<Reason> = new Set([
  "INTERRUPTED",
  "REGISTRY_UNREACHABLE",
  "COMMAND_MISSING",
])
