import type { IncomingHttpHeaders } from "node:http2"
import type { Metadata } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"

/** What Node takes as headers: names and values in turn. */
export type HeaderList = string[]

/** What every call and every answer says of itself: nothing is compressed here. */
export const common = [
  ...["content-type", "application/grpc"],
  ...["grpc-accept-encoding", "identity"],
]

/** Whether what follows the headers is gRPC. */
export function areOfGrpc({ "content-type": type = "" }: IncomingHttpHeaders): boolean {
  return /^application\/grpc(?:$|[+;])/.test(type)
}

/** Headers of a call or an answer as they are sent. */
export function* sentHeaders(metadata: Metadata): Generator<string, void> {
  let bytes = 0
  for (const [name, value] of metadata) {
    bytes += name.length + value.length + bytesPerHeader
    if (bytes > mostBytes) {
      const text = `with the header "${name}" there are ${bytes} bytes of headers: at most ${mostBytes} are sent`
      throw new NsmError("INVALID_REQUEST", text)
    }
    if (!printable.test(value)) {
      throw new NsmError(
        "INVALID_REQUEST",
        `the header "${name}" holds what is not printable ASCII`,
      )
    }
    yield name
    yield value
  }
}

/** What HTTP/2 counts for each (RFC 9113, section 6.5.2), and of what Node takes with its own beside. */
const bytesPerHeader = 32
const mostBytes = 60_000

/** HTTP/2 lets values neither begin nor end with a blank. */
const printable = /^(?:[!-~](?:[ -~]*[!-~])?)?$/

/** The headers that came with a call or an answer, without those of HTTP/2 and of gRPC itself. */
export function receivedHeaders(headers: IncomingHttpHeaders): Map<string, string> {
  const received = new Map<string, string>()
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === "string" && !own.test(name)) received.set(name, value)
  }
  return received
}

const own = /^:|^grpc-|-bin$|^content-type$|^te$/
