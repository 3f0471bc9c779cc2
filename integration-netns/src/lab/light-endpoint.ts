import { create } from "@bufbuild/protobuf"
import { MechanismType, NetworkServiceSchema, Payload } from "@nsm/api"
import {
  bind,
  endpoint,
  expose,
  grant,
  groupIpam,
  grpcTransport,
  kernelEndpoint,
  mechanisms,
  networkServiceWire,
  parseCidrGroups,
  registered,
  registryClient,
  silentLog,
  systemClock,
  systemRandom,
  unsignedTokens,
} from "@nsm/sdk"
import { endpointEntry } from "@nsm/sdk/daemon"
import type { OwnIdentity } from "./own-identity.ts"

/** What an endpoint in this process needs. */
export interface LightEndpointOptions {
  readonly name: string
  readonly nodeName: string
  readonly managerUrl: string
  /** Where its sockets lie. */
  readonly directory: string
  /** URL of the network in which its wires end. */
  readonly namespaceUrl: string
  readonly identity: Pick<OwnIdentity, "connections">
}

const serviceName = "icmp-responder"

/** The pools of the endpoints of a lab. */
export const labPrefixes = "172.16.0.0/16,fd00:172:16::/64"

/** Serves as an endpoint from this process: one that is soon there and soon gone. */
export async function lightEndpoint({
  name,
  nodeName,
  managerUrl,
  directory,
  namespaceUrl,
  identity: { connections },
}: LightEndpointOptions): Promise<AsyncDisposable> {
  await using undo = new AsyncDisposableStack()
  const end = undo.adopt(new AbortController(), (all) => all.abort())
  const { signal } = end
  const random = systemRandom
  const transport = undo.use(grpcTransport({ name, ...connections }))
  const { tokens = unsignedTokens() } = connections
  const chain = endpoint(
    { name, tokens, random, signal },
    groupIpam({ groups: parseCidrGroups(labPrefixes) }),
    mechanisms({ [MechanismType.KERNEL]: kernelEndpoint({ namespaceUrl, random }) }),
  )
  const service = expose(networkServiceWire, bind(chain, grant))
  const url = `unix://${directory}/${name}.sock`
  undo.use(await transport.listen(url, [service]))
  const place = { nodeName, podName: name, clusterName: "", labels: {} }
  undo.use(
    await registered({
      registries: registryClient({ transport, url: managerUrl, random, signal }),
      services: [create(NetworkServiceSchema, { name: serviceName, payload: Payload.ETHERNET })],
      endpoint: endpointEntry({ name, serviceNames: [serviceName], ...place }, url),
      ...{ clock: systemClock, log: silentLog, signal },
    }),
  )
  const kept = undo.move()
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
