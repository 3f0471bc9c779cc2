import { causes, NsmError } from "@nsm/sdk"

/**
 * An error as one thread can hand it to another, with what led to it. Unlike on the wire between two
 * processes nothing is shortened, what to do stays with it, and neither side needs messages.
 */
export interface CarriedError extends Pick<NsmError, "reason" | "code" | "text" | "remedy"> {
  /** What is none of ours has a message and a stack only. */
  readonly causes: readonly (CarriedError | Error)[]
}

/** Makes an error ready to be handed on. */
export function carried(thrown: unknown): CarriedError {
  const error = NsmError.from(thrown)
  const { reason, code, text, remedy } = error
  const led = causes(error).map((cause) =>
    cause instanceof NsmError ? carried(cause) : plain(cause),
  )
  return { reason, code, text, remedy, causes: led }
}

/** Makes it an error again. */
export function carriedHere({ reason, text, code, remedy, causes: led }: CarriedError): NsmError {
  const all = led.map((cause) => (cause instanceof Error ? cause : carriedHere(cause)))
  const cause = all.length > 1 ? new AggregateError(all) : all[0]
  return new NsmError(reason, text, { code, remedy, cause })
}

function plain(cause: unknown): Error {
  const error = new Error(cause instanceof Error ? cause.message : String(cause))
  if (cause instanceof Error && cause.stack !== undefined) error.stack = cause.stack
  return error
}
