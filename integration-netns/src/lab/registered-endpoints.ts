import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import {
  endpointKind,
  networkServiceEndpointRegistryWire,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import type { Lab, LabNode } from "./lab.ts"

/** The endpoints that are registered in the domain, as a manager finds them: name and URL. */
export async function registeredEndpoints(
  lab: Lab,
  { managerUrl }: LabNode,
): Promise<Readonly<Record<string, string>>> {
  await using transport = lab.transport()
  const registry = transport.client(managerUrl, networkServiceEndpointRegistryWire)
  const all = endpointKind.query(create(NetworkServiceEndpointSchema), false)
  return await withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, async (call) => {
    const found: Record<string, string> = {}
    for await (const { networkServiceEndpoint } of registry.find(all, call)) {
      if (networkServiceEndpoint) found[networkServiceEndpoint.name] = networkServiceEndpoint.url
    }
    return found
  })
}
