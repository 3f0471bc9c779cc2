import { constants, type IncomingHttpHeaders } from "node:http2"
import { Header } from "@nsm/api"
import { codeNumbers, type NsmError, type StatusCode } from "../../core/errors.ts"
import { decodeError, encodeError } from "../status.ts"
import { areOfGrpc } from "./headers.ts"
import { percentDecode, percentEncode } from "./percent.ts"

const status = "grpc-status"
const message = "grpc-message"

/** How an answer says that all is well. */
export const wellHeaders = { [status]: "0" }

/** How an answer says that the call failed in the process `hop`. */
export function failureHeaders(error: NsmError, hop: string): Record<string, string> {
  const { code, message: text, details } = encodeError(error, hop)
  return {
    [status]: String(code),
    [message]: percentEncode(text),
    ...(details && { [Header.statusDetails]: Buffer.from(details).toString("base64") }),
  }
}

/** Whether headers begin an answer of gRPC. */
export function isAnswer(headers: IncomingHttpHeaders): boolean {
  // Node makes it a number.
  return Number(headers[":status"]) === constants.HTTP_STATUS_OK && areOfGrpc(headers)
}

/** How a call ended, as far as it is known. */
export interface Ending {
  /** The headers before the answer, and those behind it. */
  readonly headers: IncomingHttpHeaders | undefined
  readonly trailers: IncomingHttpHeaders | undefined
  /** Whether the connection went first. */
  readonly isLost: boolean
  /** What HTTP/2 says of it. */
  readonly rstCode: number
}

/** Why a call to `url` failed; undefined when all is well. */
export function failureOf(ending: Ending, url: string): NsmError | undefined {
  const said = [ending.trailers, ending.headers].find((each) => each?.[status] !== undefined)
  if (!said) return foreign(...unsaid(ending), url)
  const code = Number(said[status])
  if (code === 0) return undefined
  const details = said[Header.statusDetails]
  return decodeError(
    {
      code,
      message: percentDecode(String(said[message] ?? "")),
      details: typeof details === "string" ? Buffer.from(details, "base64") : undefined,
    },
    url,
  )
}

function foreign(code: StatusCode, text: string, url: string): NsmError {
  return decodeError({ code: codeNumbers[code], message: text, details: undefined }, url)
}

/** What gRPC makes of answers that do not say how they ended. */
function unsaid({ headers, isLost, rstCode }: Ending): [code: StatusCode, text: string] {
  if (isLost) return ["UNAVAILABLE", "the connection was lost"]
  if (headers && !isAnswer(headers)) {
    const { "content-type": type = "none" } = headers
    const http = Number(headers[":status"])
    const text = `it answered with HTTP status ${http} and content of type ${type}, which is not gRPC`
    return [ofHttp[http] ?? "UNKNOWN", text]
  }
  if (rstCode === constants.NGHTTP2_NO_ERROR) {
    return ["UNKNOWN", "it ended its answer without a status"]
  }
  return [ofHttp2[rstCode] ?? "INTERNAL", `it gave the call up with HTTP/2 error code ${rstCode}`]
}

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
const ofHttp: Readonly<Record<number, StatusCode>> = {
  400: "INTERNAL",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "UNIMPLEMENTED",
  429: "UNAVAILABLE",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "UNAVAILABLE",
}

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
const ofHttp2: Readonly<Record<number, StatusCode>> = {
  [constants.NGHTTP2_REFUSED_STREAM]: "UNAVAILABLE",
  [constants.NGHTTP2_CANCEL]: "CANCELLED",
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: "RESOURCE_EXHAUSTED",
  [constants.NGHTTP2_INADEQUATE_SECURITY]: "PERMISSION_DENIED",
}
