import type { DescMessage, DescMethod, MessageShape } from "@bufbuild/protobuf"
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { wireCheck } from "./wire-check.ts"

/** What a gRPC library needs to know about one method; the shape of grpc-js's `MethodDefinition`. */
export interface GrpcMethod<Request, Response> {
  /** The HTTP/2 path, `/package.Service/Method`. */
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly requestSerialize: (message: Request) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Request
  readonly responseSerialize: (message: Response) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Response
}

/** A method's descriptor that still knows the types of its messages. */
export type TypedMethod<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  readonly input: Input
  readonly output: Output
}

/**
 * Defines a method for a gRPC library, from the method's descriptor.
 *
 * @example
 * grpcMethod(NetworkServiceService.method.request).path // "/networkservice.NetworkService/Request"
 */
export function grpcMethod<Input extends DescMessage, Output extends DescMessage>(
  method: TypedMethod<Input, Output>,
): GrpcMethod<MessageShape<Input>, MessageShape<Output>> {
  const path = `/${method.parent.typeName}/${method.name}`
  return {
    path,
    requestStream: streamsRequests(method),
    responseStream: streamsResponses(method),
    requestSerialize: serialize(method.input, path),
    requestDeserialize: deserialize(method.input, path),
    responseSerialize: serialize(method.output, path),
    responseDeserialize: deserialize(method.output, path),
  }
}

function streamsRequests({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming"
}

function streamsResponses({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming"
}

function serialize<Desc extends DescMessage>(schema: Desc, path: string) {
  return (message: MessageShape<Desc>): Buffer => {
    try {
      const { buffer, byteOffset, byteLength } = toBinary(schema, message)
      return Buffer.from(buffer, byteOffset, byteLength)
    } catch (cause) {
      throw new Error(`encode ${schema.typeName} of ${path}: ${text(cause)}`, { cause })
    }
  }
}

function deserialize<Desc extends DescMessage>(schema: Desc, path: string) {
  const check = wireCheck(schema)
  return (bytes: Buffer): MessageShape<Desc> => {
    try {
      check(bytes)
      return fromBinary(schema, bytes)
    } catch (cause) {
      const size = `${bytes.byteLength} bytes`
      throw new Error(`decode ${schema.typeName} of ${path} from ${size}: ${text(cause)}`, {
        cause,
      })
    }
  }
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
