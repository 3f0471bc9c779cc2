import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { type Call, endpointKind, NsmError, type Registries } from "@nsm/sdk"

/**
 * Looks who provides a service, and answers a function that waits for somebody who was not among
 * them and resolves with the name.
 */
export async function registration(
  service: string,
  { endpoints }: Pick<Registries, "endpoints">,
  call: Call,
): Promise<(call: Call) => Promise<string>> {
  const before = new Set<string>()
  for await (const { networkServiceEndpoint } of endpoints.find(query(service, false), call)) {
    before.add(networkServiceEndpoint?.name ?? "")
  }
  return async (waiting) => {
    const changes = endpoints.find(query(service, true), waiting)
    for await (const { networkServiceEndpoint: one, deleted } of changes) {
      if (one && !deleted && !before.has(one.name)) return one.name
    }
    throw new NsmError("PEER_UNREACHABLE", "the registry ended the watch of endpoints")
  }
}

function query(service: string, isWatch: boolean) {
  const wanted = create(NetworkServiceEndpointSchema, { networkServiceNames: [service] })
  return endpointKind.query(wanted, isWatch)
}
