import type { sendUnaryData, Server, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js"
import type { Call } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { Method } from "../method.ts"
import { asBytes } from "./bytes.ts"
import { toServerError } from "./grpc-status.ts"
import { begin, type Incoming, type ServingOptions } from "./incoming-call.ts"
import { toGrpc } from "./metadata.ts"

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

function sendHeaders(incoming: Incoming, { reply }: Call): void {
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
