import { constants, type IncomingHttpHeaders } from "node:http2"
import type { Call } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { Method } from "../method.ts"
import { areOfGrpc } from "./headers.ts"
import { begin, type Incoming, type ServingOptions } from "./incoming-call.ts"
import { question } from "./question.ts"
import { Reply } from "./reply.ts"

/** What a listener serves, and how. */
export interface ServerOptions extends ServingOptions {
  /** By path. */
  readonly methods: ReadonlyMap<string, Method>
}

/** Answers a call. */
export function serve(incoming: Incoming, options: ServerOptions): void {
  const { stream, headers } = incoming
  const { name, log, methods } = options
  // A caller who leaves closes the stream, with an error or without.
  stream.on("error", () => {})
  const path = headers[":path"] ?? ""
  const reply = new Reply(stream)
  const objection = httpObjection(headers)
  if (objection) return reply.refuse(objection)
  const fail = (thrown: unknown): void => {
    const error = NsmError.from(thrown)
    // The stack of a defect does not cross the wire.
    if (error.reason === "INTERNAL") log.error("a call met a defect", { path, error })
    reply.fail(error, name)
  }
  const run = async (): Promise<void> => {
    const { "grpc-encoding": encoding = "identity" } = headers
    if (encoding !== "identity") {
      throw new NsmError("UNIMPLEMENTED", `the encoding ${String(encoding)} is not understood here`)
    }
    const method = methods.get(path)
    if (!method) throw new NsmError("UNIMPLEMENTED", `the method ${path} is not served here`)
    const { codec } = method
    const { call, done } = begin(incoming, options, { isStream: codec.streams, onLate: fail })
    try {
      const request = codec.decodeRequest(await question(stream))
      if (codec.streams) await sendAll(method.stream(request, call), call, { codec, stream, reply })
      else {
        const bytes = codec.encodeResponse(await method.answer(request, call))
        reply.begin(call.reply)
        reply.end(bytes)
      }
    } catch (failure) {
      if (call.reply.size > 0) reply.begin(call.reply)
      throw failure
    } finally {
      done()
    }
  }
  run().catch(fail)
}

/** The HTTP status for what cannot be a call; undefined when it can. */
function httpObjection(headers: IncomingHttpHeaders): number | undefined {
  if (headers[":method"] !== "POST") return constants.HTTP_STATUS_METHOD_NOT_ALLOWED
  return areOfGrpc(headers) ? undefined : constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE
}

interface Way extends Pick<Method, "codec">, Pick<Incoming, "stream"> {
  readonly reply: Reply
}

/** Sends what comes as it comes, no faster than the caller reads. */
async function sendAll(
  items: ReturnType<Method["stream"]>,
  call: Call,
  { codec, stream, reply }: Way,
): Promise<void> {
  for await (const item of items) {
    reply.begin(call.reply)
    if (!reply.write(codec.encodeResponse(item))) await drained(stream, call.signal)
    call.signal.throwIfAborted()
  }
  reply.begin(call.reply)
  reply.end()
}

/** Resolves when the caller has read enough for more to be written, or reads no more. */
function drained(stream: Incoming["stream"], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const go = (): void => {
      stream.off("drain", go)
      signal.removeEventListener("abort", go)
      resolve()
    }
    stream.once("drain", go)
    signal.addEventListener("abort", go, { once: true })
  })
}
