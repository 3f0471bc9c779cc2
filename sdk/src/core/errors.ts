import { reasons, type Reason } from "./reasons.ts"

/** gRPC status names (https://grpc.io/docs/guides/status-codes/) with their numbers on the wire. */
export const codeNumbers = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** A gRPC status other than OK. */
export type StatusCode = keyof typeof codeNumbers

/** Where an error arose and what led to it. */
export interface NsmErrorOptions {
  /** What led to this error; several when several candidates were tried. */
  cause?: unknown
  /** Name of the process in which it arose. Filled in where the error leaves that process. */
  hop?: string | undefined
  /** Name of the chain element in which it arose. Filled in by the chain. */
  element?: string | undefined
  /** Status on the wire. @default the one of the reason */
  code?: StatusCode
  /** What to do about it, where that can be said better than the catalogue does. Stays in the process. */
  remedy?: string | undefined
}

/**
 * The one error of the suite: a stable reason, a gRPC status, where it arose, and what led to it.
 * It keeps all of these when it crosses the wire.
 */
export class NsmError extends Error {
  override readonly name = "NsmError"
  readonly reason: Reason
  readonly code: StatusCode
  readonly hop: string | undefined
  readonly element: string | undefined
  /** The text without reason and place. */
  readonly text: string
  /** What to do about it. */
  readonly remedy: string

  constructor(reason: Reason, text: string, options: NsmErrorOptions = {}) {
    const [ownCode, , ownRemedy] = reasons[reason]
    const { cause, hop, element, code = ownCode, remedy = ownRemedy } = options
    const place = [hop, element].filter(Boolean).join("/")
    super(`${reason}: ${place ? `[${place}] ` : ""}${text}`, cause === undefined ? {} : { cause })
    this.reason = reason
    this.code = code
    this.hop = hop
    this.element = element
    this.text = text
    this.remedy = remedy
  }

  /** Says in which element the error arose, unless that is known. */
  inElement(element: string): NsmError {
    return this.element !== undefined || this.hop !== undefined ? this : this.#placed({ element })
  }

  /** Says in which process the error arose, unless that is known. */
  inHop(hop: string): NsmError {
    return this.hop !== undefined ? this : this.#placed({ hop })
  }

  #placed(place: { hop?: string; element?: string }): NsmError {
    const { cause, hop, element, code, remedy } = this
    const own = { cause, hop, element, code, remedy, ...place }
    const placed = new NsmError(this.reason, this.text, own)
    if (this.stack !== undefined) placed.stack = this.stack
    return placed
  }

  /** The only way from what a `catch` gives to an NsmError. */
  static from(thrown: unknown, reason: Reason = "INTERNAL"): NsmError {
    if (thrown instanceof NsmError) return thrown
    if (thrown instanceof SuppressedError) {
      const first = NsmError.from(thrown.suppressed, reason)
      const { text, hop, element, code, remedy } = first
      return new NsmError(first.reason, text, { hop, element, code, remedy, cause: thrown })
    }
    if (thrown instanceof Error && thrown.name === "AbortError") {
      return thrown.cause instanceof NsmError
        ? thrown.cause
        : new NsmError("CANCELLED", "the call was cancelled", { cause: thrown })
    }
    if (thrown instanceof Error) return new NsmError(reason, thrown.message, { cause: thrown })
    return new NsmError(reason, String(thrown))
  }
}

/** What an error was led to by, nearest first; candidates that failed side by side in their order. */
export function causes(error: unknown): readonly unknown[] {
  if (!(error instanceof Error) || error.cause === undefined) return []
  if (error.cause instanceof SuppressedError) return [error.cause.error, error.cause.suppressed]
  return error.cause instanceof AggregateError ? error.cause.errors : [error.cause]
}

/** The deepest NsmError that led to an error, along the last candidate tried; itself if none. */
export function rootCause(error: NsmError): NsmError {
  const deeper = causes(error).findLast((cause): cause is NsmError => cause instanceof NsmError)
  return deeper ? rootCause(deeper) : error
}
