import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js"
import { Call } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import { fromGrpc } from "./metadata.ts"
import { peerOf } from "./peer-credentials.ts"

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

/** A call as grpc-js hands it over. */
export type Incoming = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>

/** Made once: nearly every call ends so, and an error's stack costs more than the rest of the end. */
const over = new NsmError("CANCELLED", "the call is over")

/** Begins to answer a call; `done` ends what hangs on it. */
export function begin(
  incoming: Incoming,
  { clock, log, running }: ServingOptions,
  isStream: boolean,
): { call: Call; done: () => void } {
  const controller = new AbortController()
  const deadline = deadlineOf(incoming, clock)
  const entry: Running = { isStream, end: (reason) => controller.abort(reason) }
  running.add(entry)
  // grpc-js watches the deadline and then cancels, as it does when the caller gives up, and also
  // after an answer.
  incoming.once("cancelled", () => {
    if (controller.signal.aborted) return
    controller.abort(
      deadline !== undefined && clock.now() >= deadline
        ? new NsmError("DEADLINE_EXCEEDED", "the call's time limit passed")
        : new NsmError("CANCELLED", "the caller gave up"),
    )
  })
  const call = new Call({
    clock,
    log,
    signal: controller.signal,
    deadline,
    metadata: fromGrpc(incoming.metadata),
    peer: peerOf(incoming),
  })
  const done = (): void => {
    running.delete(entry)
    controller.abort(over)
  }
  return { call, done }
}

/** grpc-js gives wall time; a call lives on the clock of its process. */
function deadlineOf(incoming: Incoming, clock: Clock): number | undefined {
  const deadline = Number(incoming.getDeadline())
  return Number.isFinite(deadline) ? clock.now() + (deadline - Date.now()) : undefined
}
