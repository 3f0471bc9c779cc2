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

/** The network service of exactly this name, if it is registered; an empty payload means any. */
export async function findService(
  { services }: Registries,
  name: string,
  payload: string,
  call: Call,
): Promise<NetworkService | undefined> {
  const query = create(NetworkServiceQuerySchema, { networkService: { name, payload } })
  const found = await allOf(services.find(query, call))
  return found.find((answer) => !answer.deleted && answer.networkService?.name === name)
    ?.networkService
}

/** The network service of exactly this name; fails with SERVICE_NOT_FOUND. */
export async function registeredService(
  registries: Registries,
  name: string,
  payload: string,
  call: Call,
): Promise<NetworkService> {
  const service = await findService(registries, name, payload, call)
  if (service) return service
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
