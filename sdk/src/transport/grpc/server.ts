import type { sendUnaryData, Server, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js"
import { Call, type Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { Method } from "../method.ts"
import { asBytes } from "./bytes.ts"
import { toServerError } from "./grpc-status.ts"
import type { GrpcIdentity } from "./identity.ts"
import { fromGrpc, toGrpc } from "./metadata.ts"

/** What a server of calls needs. */
export interface ServingOptions {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  readonly identity: GrpcIdentity
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

/** Made once: nearly every call ends so, and an error's stack costs more than the rest of the end. */
const over = new NsmError("CANCELLED", "the call is over")

type Unary = ServerUnaryCall<Buffer, Buffer>
type Stream = ServerWritableStream<Buffer, Buffer>

/** Lets a grpc-js server answer a method. */
export function serve(server: Server, method: Method, options: ServingOptions): void {
  const { path, streams } = method.codec
  if (streams)
    server.register(path, answerStream(method, options), asBytes, asBytes, "serverStream")
  else server.register(path, answerUnary(method, options), asBytes, asBytes, "unary")
}

function answerUnary(method: Method, options: ServingOptions) {
  const { codec } = method
  return (incoming: Unary, respond: sendUnaryData<Buffer>): void => {
    const { call, done } = begin(incoming, options, false)
    const run = async (): Promise<Buffer> => {
      try {
        return codec.encodeResponse(
          await method.answer(codec.decodeRequest(incoming.request), call),
        )
      } finally {
        sendHeaders(incoming, call)
      }
    }
    run()
      .then(
        (bytes) => respond(null, bytes),
        (thrown: unknown) => respond(failed(thrown, codec.path, options)),
      )
      .finally(done)
      .catch(lost(codec.path, options))
  }
}

function answerStream(method: Method, options: ServingOptions) {
  const { codec } = method
  return (incoming: Stream): void => {
    const { call, done } = begin(incoming, options, true)
    const run = async (): Promise<void> => {
      try {
        for await (const item of method.stream(codec.decodeRequest(incoming.request), call)) {
          sendHeaders(incoming, call)
          if (!incoming.write(codec.encodeResponse(item))) await drained(incoming, call.signal)
          call.signal.throwIfAborted()
        }
      } finally {
        sendHeaders(incoming, call)
      }
    }
    run()
      .then(
        () => void incoming.end(),
        (thrown: unknown) => void incoming.emit("error", failed(thrown, codec.path, options)),
      )
      .finally(done)
      .catch(lost(codec.path, options))
  }
}

function begin(
  incoming: Unary | Stream,
  { clock, log, identity, running }: ServingOptions,
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
    peer: peerOf(incoming, identity),
  })
  const done = (): void => {
    running.delete(entry)
    controller.abort(over)
  }
  return { call, done }
}

/** grpc-js gives wall time; a call lives on the clock of its process. */
function deadlineOf(incoming: Unary | Stream, clock: Clock): number | undefined {
  const deadline = Number(incoming.getDeadline())
  return Number.isFinite(deadline) ? clock.now() + (deadline - Date.now()) : undefined
}

function peerOf(incoming: Unary | Stream, identity: GrpcIdentity): Peer {
  const address = incoming.getPeer()
  const id = identity.peerId(incoming.getAuthContext().sslPeerCertificate)
  return { address: address === "unknown" ? "unix:" : address, ...(id !== undefined && { id }) }
}

function sendHeaders(incoming: Unary | Stream, { reply }: Call): void {
  // grpc-js sends headers once and ignores them afterwards.
  if (reply.size > 0) incoming.sendMetadata(toGrpc(reply))
}

/** Resolves when the caller has read enough for more to be written, or reads no more. */
function drained(incoming: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const go = (): void => {
      incoming.off("drain", go)
      signal.removeEventListener("abort", go)
      resolve()
    }
    incoming.once("drain", go)
    signal.addEventListener("abort", go, { once: true })
  })
}

function failed(thrown: unknown, path: string, { name, log }: ServingOptions) {
  const error = NsmError.from(thrown)
  // The stack of a defect does not cross the wire.
  if (error.reason === "INTERNAL") log.error("a call met a defect", { path, error })
  return toServerError(error, name)
}

/** For what goes wrong while an answer is handed to grpc-js, which then ends the call by itself. */
function lost(path: string, { log }: ServingOptions): (thrown: unknown) => void {
  return (error) => log.error("an answer could not be sent", { path, error })
}
