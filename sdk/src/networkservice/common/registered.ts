import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { timestampMs } from "@bufbuild/protobuf/wkt"
import {
  type NetworkService,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
  type NetworkServiceEndpointSchema,
  NetworkServiceQuerySchema,
} from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { Registries } from "../../registry/service.ts"

/** The network service of exactly this name; fails with SERVICE_NOT_FOUND. */
export async function registeredService(
  { services }: Registries,
  name: string,
  payload: string,
  call: Call,
): Promise<NetworkService> {
  const query = create(NetworkServiceQuerySchema, { networkService: { name, payload } })
  const found = await allOf(services.find(query, call))
  const exact = found.find((answer) => !answer.deleted && answer.networkService?.name === name)
  if (exact?.networkService) return exact.networkService
  const carrying = payload ? ` with payload ${payload}` : ""
  throw new NsmError("SERVICE_NOT_FOUND", `network service ${name}${carrying} is not registered`)
}

/** The endpoints that fit a query and have not expired. */
export async function registeredEndpoints(
  { endpoints }: Registries,
  networkServiceEndpoint: MessageInitShape<typeof NetworkServiceEndpointSchema>,
  call: Call,
): Promise<readonly NetworkServiceEndpoint[]> {
  const query = create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint })
  const found = await allOf(endpoints.find(query, call))
  return found.flatMap(({ deleted, networkServiceEndpoint: endpoint }) =>
    !deleted && endpoint && !isExpired(endpoint, call) ? [endpoint] : [],
  )
}

function isExpired({ expirationTime }: NetworkServiceEndpoint, call: Call): boolean {
  return expirationTime !== undefined && timestampMs(expirationTime) < call.clock.now()
}

async function allOf<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of stream) items.push(item)
  return items
}
