import { create, fromBinary, toBinary } from "@bufbuild/protobuf"
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt"
import { type ErrorInfo, ErrorInfoSchema, StatusSchema } from "@nsm/api"
import { causes, codeNumbers, NsmError, type StatusCode } from "../core/errors.ts"
import { type Reason, reasons } from "../core/reasons.ts"

/** How a failed call ends on the wire. */
export interface WireStatus {
  /** gRPC status number. */
  readonly code: number
  /** The error in words, which is all that a peer that knows no details gets. */
  readonly message: string
  /** A `google.rpc.Status` with one ErrorInfo per error, the outermost first. */
  readonly details: Uint8Array | undefined
}

const domain = "networkservicemesh.io"
/** Peers limit the size of headers; who needs the rest finds it in the log of the hop. */
const mostErrors = 16
const longestText = 512

/** Describes an error that leaves the process `hop`, with all that led to it. */
export function encodeError(error: NsmError, hop: string): WireStatus {
  const placed = error.inHop(hop)
  const infos = flatten(placed).map(({ error: each, parent }, index) =>
    info(each, hop, parent === index - 1 ? undefined : parent),
  )
  const code = codeNumbers[placed.code]
  const message = shortened(placed.message)
  const details = infos.map((each) => anyPack(ErrorInfoSchema, each))
  return {
    code,
    message,
    details: toBinary(StatusSchema, create(StatusSchema, { code, message, details })),
  }
}

/** Restores the error that a peer answered with. `peer` is where it was asked. */
export function decodeError({ code, message, details }: WireStatus, peer: string): NsmError {
  const infos = details ? errorInfos(details) : []
  const outermost = infos.length > 0 ? restore(infos, 0) : undefined
  return outermost instanceof NsmError ? outermost : foreign(code, message, peer)
}

interface Placed {
  readonly error: Error
  /** Which error of the list this one led to. */
  readonly parent: number
}

/** Depth first, so that along one line of causes each error follows the one that it led to. */
function flatten(error: Error): readonly Placed[] {
  const list: Placed[] = []
  const add = (each: Error, parent: number): void => {
    if (list.length === mostErrors) return
    const index = list.push({ error: each, parent }) - 1
    for (const cause of led(each)) add(cause, index)
  }
  add(error, -1)
  return list
}

function led(error: Error): readonly Error[] {
  return causes(error).filter((each) => each instanceof Error)
}

function info(error: Error, hop: string, parent: number | undefined): ErrorInfo {
  const metadata: Record<string, string> = {}
  const put = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") metadata[key] = value
  }
  const own = error instanceof NsmError ? error : undefined
  put("hop", own && (own.hop ?? hop))
  put("element", own?.element)
  put("code", own && own.code !== reasons[own.reason][0] ? own.code : undefined)
  put("text", shortened(own?.text ?? error.message))
  put("parent", parent?.toString())
  return create(ErrorInfoSchema, { reason: own?.reason ?? "", domain, metadata })
}

function shortened(text: string): string {
  return text.slice(0, longestText).toWellFormed()
}

function errorInfos(details: Uint8Array): readonly ErrorInfo[] {
  try {
    return fromBinary(StatusSchema, details)
      .details.map((any) => anyUnpack(any, ErrorInfoSchema))
      .filter((each) => each?.domain === domain)
      .filter((each) => each !== undefined)
  } catch {
    // Details that cannot be read must not hide the status that they came with.
    return []
  }
}

function restore(infos: readonly ErrorInfo[], index: number): Error | undefined {
  const { reason, metadata } = infos[index] ?? {}
  if (reason === undefined || metadata === undefined) return undefined
  const parts = infos.flatMap((_, at) => (at > index && parentOf(infos, at) === index ? [at] : []))
  const restored = parts.map((at) => restore(infos, at)).filter((each) => each !== undefined)
  const cause = restored.length > 1 ? new AggregateError(restored) : restored[0]
  const text = metadata["text"] ?? ""
  if (reason === "") return new Error(text, cause ? { cause } : {})
  const { hop, element, code } = metadata
  return new NsmError(isReason(reason) ? reason : "PEER_FAILED", text, {
    ...(cause && { cause }),
    hop,
    element,
    ...(isStatusCode(code) && { code }),
  })
}

function parentOf(infos: readonly ErrorInfo[], index: number): number {
  return Number(infos[index]?.metadata["parent"] ?? index - 1)
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text)
}

function isStatusCode(text: string | undefined): text is StatusCode {
  return text !== undefined && Object.hasOwn(codeNumbers, text)
}

/** What the status of a peer that gives no reasons says here; any other means that it failed. */
const foreignReasons: Partial<Record<StatusCode, Reason>> = {
  CANCELLED: "CANCELLED",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
  PERMISSION_DENIED: "PERMISSION_DENIED",
  UNAUTHENTICATED: "PERMISSION_DENIED",
  UNAVAILABLE: "PEER_UNREACHABLE",
  UNIMPLEMENTED: "UNIMPLEMENTED",
}

function foreign(number: number, message: string, peer: string): NsmError {
  const names = Object.keys(codeNumbers) as StatusCode[]
  const code = names.find((name) => codeNumbers[name] === number) ?? "UNKNOWN"
  return new NsmError(foreignReasons[code] ?? "PEER_FAILED", `${peer}: ${message}`, { code })
}
