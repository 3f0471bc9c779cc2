import { type Reason, reasons } from "./reasons.ts"

/** The one error of the pipeline: a stable reason, what is wrong where, and what to do about it. */
export class PipelineError extends Error {
  override readonly name = "PipelineError"
  readonly reason: Reason
  readonly remedy: string

  constructor(reason: Reason, text: string, options: ErrorOptions = {}) {
    super(`${reason}: ${text}`, options)
    this.reason = reason
    this.remedy = reasons[reason]
  }
}
