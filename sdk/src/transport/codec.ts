import { create, type DescMethod, type Message } from "@bufbuild/protobuf"
import { EmptySchema } from "@bufbuild/protobuf/wkt"
import { grpcMethod } from "@nsm/api"
import { NsmError } from "../core/errors.ts"
import type { Wire } from "./transport.ts"

/** How one method's messages become bytes and back; failures are coded. */
export interface Codec {
  /** The HTTP/2 path, `/package.Service/Method`. */
  readonly path: string
  /** Whether the answer is a stream. */
  readonly streams: boolean
  encodeRequest(message: Message): Buffer
  decodeRequest(bytes: Buffer): Message
  /** Takes `undefined` where the method answers google.protobuf.Empty. */
  encodeResponse(message: Message | undefined): Buffer
  /** Gives `undefined` where the method answers google.protobuf.Empty. */
  decodeResponse(bytes: Buffer): Message | undefined
}

/** Makes the codec of a method. */
export function codec(method: DescMethod): Codec {
  const definition = grpcMethod(method)
  const isEmpty = method.output.typeName === EmptySchema.typeName
  return {
    path: definition.path,
    streams: definition.responseStream,
    encodeRequest: (message) => coded("INVALID_REQUEST", definition.requestSerialize, message),
    decodeRequest: (bytes) => coded("MALFORMED_MESSAGE", definition.requestDeserialize, bytes),
    encodeResponse: (message) =>
      coded("INTERNAL", definition.responseSerialize, message ?? create(method.output)),
    decodeResponse(bytes) {
      const message = coded("MALFORMED_MESSAGE", definition.responseDeserialize, bytes)
      return isEmpty ? undefined : message
    },
  }
}

/** The codecs of a service's methods, with the methods' names. */
export type NamedCodecs = readonly (readonly [name: string, codec: Codec])[]

/** Makes the codecs of a service's methods. */
export function codecs<S extends object>(wire: Wire<S>): NamedCodecs {
  return Object.entries<DescMethod>(wire).map(([name, method]) => [name, codec(method)] as const)
}

function coded<From, To>(
  reason: "INVALID_REQUEST" | "MALFORMED_MESSAGE" | "INTERNAL",
  convert: (from: From) => To,
  from: From,
): To {
  try {
    return convert(from)
  } catch (cause) {
    throw new NsmError(reason, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
