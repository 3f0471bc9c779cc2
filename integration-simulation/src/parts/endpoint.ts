import { create } from "@bufbuild/protobuf"
import {
  MechanismType,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
  Payload,
} from "@nsm/api"
import {
  bind,
  type Element,
  endpoint,
  expose,
  grant,
  groupIpam,
  kernelEndpoint,
  mechanisms,
  type NetworkService,
  networkServiceWire,
  parseCidrGroups,
  registered,
  registryClient,
} from "@nsm/sdk"
import { probe } from "../world/probe.ts"
import { timed } from "../world/timed.ts"
import type { World } from "../world/world.ts"
import { Part } from "./part.ts"
import { managerUrl, namespaceUrl, socketUrl } from "./places.ts"
import { defaultPolicies } from "./policies.ts"

/** What an endpoint provides, and where. */
export interface EndpointPartOptions {
  readonly name: string
  readonly node: string
  readonly service: string
  readonly cidrs: string
  /** What else it does to requests; outside of its addresses. @default nothing */
  readonly elements?: readonly Element<NetworkService>[]
}

/** An endpoint, as `cmd-nse-icmp-responder` runs it. Its namespace outlives it. */
export function endpointPart(
  world: World,
  { name, node, service, cidrs, elements = [] }: EndpointPartOptions,
): Part {
  const part: Part = new Part(world, {
    ...{ kind: "endpoint", name, host: node },
    async boot(process) {
      const { hop, clock, log, random, signal, transport, host } = process
      const chain = endpoint(
        { ...hop, policies: { requests: defaultPolicies("server") } },
        probe({ world, process }),
        ...elements,
        groupIpam({ groups: parseCidrGroups(cidrs), leases: world.disk(name).store(clock) }),
        mechanisms({
          [MechanismType.KERNEL]: kernelEndpoint({ namespaceUrl: namespaceUrl(name), random }),
        }),
      )
      const url = socketUrl(host, name)
      await process.listen(url, [
        expose(networkServiceWire, timed(bind(chain, grant), world, name)),
      ])
      const policies = { answers: defaultPolicies("registry-client") }
      const payload = Payload.ETHERNET
      await registered({
        registries: registryClient({ transport, url: managerUrl(host), random, signal, policies }),
        services: [create(NetworkServiceSchema, { name: service, payload })],
        endpoint: create(NetworkServiceEndpointSchema, {
          ...{ name, url, networkServiceNames: [service] },
          networkServiceLabels: { [service]: { labels: { app: name } } },
        }),
        ...{ clock, log, signal },
      })
    },
  })
  return part
}
