import { causes, NsmError, type StatusCode } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"

/** An error as logs and JSON documents show it. */
export interface ErrorDescription {
  readonly reason?: Reason
  readonly code?: StatusCode
  /** Name of the process in which it arose. */
  readonly hop?: string | undefined
  readonly element?: string | undefined
  readonly text: string
  /** What to do about it. */
  readonly remedy?: string
  /** What led to it; several when several candidates were tried. */
  readonly causes?: readonly ErrorDescription[]
  /** Of errors without a reason: where in the source they arose. */
  readonly stack?: string | undefined
}

/** Lays an error out with everything that led to it. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { text: String(error) }
  const inner = causes(error).map(describeError)
  const led = inner.length > 0 ? { causes: inner } : {}
  if (!(error instanceof NsmError)) return { text: error.message, stack: error.stack, ...led }
  const { reason, code, hop, element, text, remedy, stack } = error
  const defect = reason === "INTERNAL" ? { stack } : {}
  return { reason, code, hop, element, text, remedy, ...defect, ...led }
}
