import { constants, type ServerHttp2Stream } from "node:http2"
import type { Metadata } from "../../core/call.ts"
import type { NsmError } from "../../core/errors.ts"
import { failureHeaders, wellHeaders } from "./grpc-status.ts"
import { common, sentHeaders } from "./headers.ts"
import { framed } from "./messages.ts"

/** The answer to a call: headers, messages, and how it ended. A caller who has left gets nothing. */
export class Reply {
  readonly #stream: ServerHttp2Stream
  #trailers: Record<string, string> = wellHeaders
  #isOver = false

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
  }

  /** Sends the headers, unless they are sent. */
  begin(headers: Metadata): void {
    if (this.#cannotGo || this.#stream.headersSent) return
    const list = [":status", "200", ...common, ...sentHeaders(headers)]
    this.#stream.respond(list, withTrailers)
    this.#stream.once("wantTrailers", () => this.#stream.sendTrailers(this.#trailers))
  }

  /** Sends a message; answers whether more may follow at once. */
  write(message: Buffer): boolean {
    return this.#cannotGo || this.#stream.write(framed(message))
  }

  /** Answers what is not gRPC. */
  refuse(httpStatus: number): void {
    this.#stream.respond([":status", String(httpStatus)], atOnce)
    this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  /** Says that all is well. */
  end(message?: Buffer): void {
    if (this.#cannotGo) return
    this.#isOver = true
    if (message) this.#stream.end(framed(message))
    else this.#stream.end()
  }

  /** Says why the call failed in the process `hop`. */
  fail(error: NsmError, hop: string): void {
    if (this.#cannotGo) return
    this.#isOver = true
    const trailers = failureHeaders(error, hop)
    if (this.#stream.headersSent) {
      this.#trailers = trailers
      this.#stream.end()
      return
    }
    const headers = [":status", "200", ...common, ...Object.entries(trailers).flat()]
    this.#stream.respond(headers, atOnce)
    // Whatever the caller still has to say is of no use any more.
    if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  get #cannotGo(): boolean {
    return this.#isOver || this.#stream.closed || this.#stream.destroyed
  }
}

/** Of when it was answered nobody here wants to know. */
const plain = { sendDate: false }
const withTrailers = { ...plain, waitForTrailers: true }
const atOnce = { ...plain, endStream: true }
