import { PipelineError } from "./pipeline-error.ts"
import type { Reason } from "./reasons.ts"

/** Reads JSON that somebody else has written; what is none is told with its reason and place. */
export function parseJson(
  text: string,
  { reason, where }: { readonly reason: Reason; readonly where: string },
): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = text.trim() === "" ? "is empty" : `is no JSON: ${(cause as Error).message}`
    throw new PipelineError(reason, `${where} ${why}`, { cause })
  }
}
