import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2"
import { Call, type Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import { receivedHeaders } from "./headers.ts"
import { parseTimeout } from "./timeout.ts"

/** What a server of calls needs. */
export interface ServingOptions {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** Calls that are being answered. */
  readonly running: Set<Running>
}

/** A call that is being answered. */
export interface Running {
  /** Streams end only when they are told to. */
  readonly isStream: boolean
  /** Ends the call early. */
  end(reason: NsmError): void
}

/** A call as HTTP/2 hands it over. */
export interface Incoming {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
  readonly peer: Peer
}

/** Made once: nearly every call ends so, and an error's stack costs more than the rest of the end. */
const over = new NsmError("CANCELLED", "the call is over")

/** Begins to answer a call; `done` ends what hangs on it, and `onLate` is told when its time is over. */
export function begin(
  { stream, headers, peer }: Incoming,
  { clock, log, running }: ServingOptions,
  { isStream, onLate }: { isStream: boolean; onLate: (failure: NsmError) => void },
): { call: Call; done: () => void } {
  const controller = new AbortController()
  const { signal } = controller
  const limitMs = limitOf(headers)
  const timer =
    limitMs === undefined
      ? undefined
      : clock.schedule(limitMs, () => {
          const late = new NsmError("DEADLINE_EXCEEDED", "the call's time limit passed")
          controller.abort(late)
          onLate(late)
        })
  const entry: Running = { isStream, end: (reason) => controller.abort(reason) }
  running.add(entry)
  const done = (): void => {
    timer?.[Symbol.dispose]()
    running.delete(entry)
    controller.abort(over)
  }
  stream.once("close", () => {
    timer?.[Symbol.dispose]()
    if (!signal.aborted) controller.abort(new NsmError("CANCELLED", "the caller gave up"))
  })
  const deadline = limitMs === undefined ? undefined : clock.now() + limitMs
  const metadata = receivedHeaders(headers)
  return { call: new Call({ clock, log, signal, deadline, metadata, peer }), done }
}

function limitOf(headers: IncomingHttpHeaders): number | undefined {
  const { "grpc-timeout": value } = headers
  if (value === undefined) return undefined
  const text = String(value)
  const limitMs = parseTimeout(text)
  if (limitMs !== undefined) return limitMs
  throw new NsmError("INVALID_REQUEST", `the header grpc-timeout holds no time limit: "${text}"`)
}
