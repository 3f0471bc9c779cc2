import { Metadata as GrpcMetadata } from "@grpc/grpc-js"
import type { Metadata } from "../../core/call.ts"

/** Headers as grpc-js sends them. */
export function toGrpc(headers: Metadata): GrpcMetadata {
  const metadata = new GrpcMetadata()
  for (const [name, value] of headers) metadata.set(name, value)
  return metadata
}

/** Headers as grpc-js received them; of a name that came several times, the last value. */
export function fromGrpc(metadata: GrpcMetadata): Map<string, string> {
  const headers = new Map<string, string>()
  for (const name of Object.keys(metadata.getMap())) {
    const value = metadata.get(name).at(-1)
    if (typeof value === "string") headers.set(name, value)
  }
  return headers
}
