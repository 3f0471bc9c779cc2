import { Metadata, type ServerErrorResponse, type ServiceError, status } from "@grpc/grpc-js"
import { Header } from "@nsm/api"
import type { NsmError } from "../../core/errors.ts"
import { decodeError, encodeError } from "../status.ts"

/** How grpc-js ends a call that failed in the process `hop`. */
export function toServerError(error: NsmError, hop: string): Partial<ServerErrorResponse> {
  const { message, details } = encodeError(error, hop)
  const metadata = new Metadata()
  if (details) metadata.set(Header.statusDetails, Buffer.from(details))
  return { code: status[error.code], details: message, metadata }
}

/** What grpc-js says of a call that failed; `peer` is where the call went. */
export function fromServiceError(
  { code, details, metadata }: ServiceError,
  peer: string,
): NsmError {
  const [binary] = metadata?.get(Header.statusDetails) ?? []
  return decodeError(
    { code, message: details, details: Buffer.isBuffer(binary) ? binary : undefined },
    peer,
  )
}
