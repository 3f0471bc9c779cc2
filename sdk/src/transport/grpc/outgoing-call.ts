import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2"
import { NsmError } from "../../core/errors.ts"
import { errno } from "../node-error.ts"
import { givenUp, onEnd } from "../on-end.ts"
import type { Connection } from "./connection.ts"
import { failureOf, isAnswer } from "./grpc-status.ts"
import { common, type HeaderList, receivedHeaders } from "./headers.ts"
import { framed, Messages, OnlyMessage } from "./messages.ts"

/** What is sent, and where. */
export interface OutgoingCallOptions {
  /** Where the call goes, for failures. */
  readonly url: string
  readonly path: string
  readonly headers: HeaderList
  readonly message: Buffer
  /** Gets the headers that come before the answer. */
  readonly received: Map<string, string> | undefined
  /** Any of them gives the call up. */
  readonly signals: readonly AbortSignal[]
}

/**
 * Says that a call was not begun: it met a connection that had just ended, or on which the server had
 * just said goodbye (RFC 9113, section 8.7). So it can be made again on another connection.
 */
export class NotBegun extends NsmError {}

/** A call that was sent, and its answer; over when it is disposed. */
export class OutgoingCall implements Disposable {
  readonly #connection: Connection
  readonly #stream: ClientHttp2Stream
  readonly #url: string
  readonly #end: Disposable | undefined
  #headers: IncomingHttpHeaders | undefined
  #trailers: IncomingHttpHeaders | undefined
  #failure: NsmError | undefined
  #broken: unknown

  constructor(connection: Connection, options: OutgoingCallOptions) {
    const { url, path, headers, message, received, signals } = options
    this.#connection = connection
    this.#url = url
    this.#stream = connection.request(path, [...common, "te", "trailers", ...headers])
    this.#stream.end(framed(message))
    this.#stream.once("response", (came: IncomingHttpHeaders) => {
      this.#headers = came
      // Of what is not gRPC there is nothing to read.
      if (!isAnswer(came)) this.#close()
      if (received) for (const [name, value] of receivedHeaders(came)) received.set(name, value)
    })
    this.#stream.once("trailers", (came: IncomingHttpHeaders) => void (this.#trailers = came))
    this.#stream.once("error", (error: unknown) => void (this.#broken ??= error))
    this.#end = onEnd(signals, (reason) => this.#giveUp(givenUp(reason, url, path)))
  }

  /** The one message of the answer. */
  answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const answer = new OnlyMessage()
      this.#stream.on("data", (piece: Buffer) => {
        try {
          answer.add(piece)
        } catch (failure) {
          this.#giveUp(NsmError.from(failure))
        }
      })
      this.#stream.once("close", () => {
        try {
          this.#throwIfFailed()
          resolve(answer.whole)
        } catch (failure) {
          reject(NsmError.from(failure))
        }
      })
    })
  }

  /** The messages of the answer as they come. */
  async *answers(): AsyncGenerator<Buffer, void> {
    const messages = new Messages()
    try {
      for await (const piece of this.#stream) yield* messages.add(piece as Buffer)
    } catch (failure) {
      if (failure instanceof NsmError) throw failure
      this.#broken ??= failure
    }
    this.#throwIfFailed()
    messages.end()
  }

  [Symbol.dispose](): void {
    this.#end?.[Symbol.dispose]()
    this.#close()
  }

  #giveUp(failure: NsmError): void {
    this.#failure ??= failure
    this.#close()
  }

  #close(): void {
    if (this.#stream.destroyed) return
    this.#stream.close(constants.NGHTTP2_CANCEL)
    this.#stream.destroy()
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure
    const { id, rstCode } = this.#stream
    const { isLost } = this.#connection
    const [headers, trailers] = [this.#headers, this.#trailers]
    const failure = failureOf({ headers, trailers, isLost, rstCode }, this.#url)
    if (!failure) return
    const isBegun =
      id !== undefined &&
      rstCode !== constants.NGHTTP2_REFUSED_STREAM &&
      // What could not be written to the end may have been begun, but every call may be repeated.
      errno(this.#broken) !== "EPIPE"
    throw isBegun ? failure : new NotBegun(failure.reason, failure.text, failure)
  }
}
