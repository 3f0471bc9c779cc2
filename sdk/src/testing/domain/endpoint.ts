import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  MechanismType,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceQuerySchema,
  NetworkServiceSchema,
  Payload,
} from "@nsm/api"
import { bind, type Element } from "../../core/chain.ts"
import { endpoint } from "../../networkservice/chains/endpoint.ts"
import { parseCidrGroups } from "../../networkservice/ipam/cidr-groups.ts"
import { groupIpam } from "../../networkservice/ipam/group.ts"
import type { LeaseStore } from "../../networkservice/ipam/lease-store.ts"
import { kernelEndpoint } from "../../networkservice/mechanisms/kernel.ts"
import { mechanisms } from "../../networkservice/mechanisms/mechanisms.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { registryClient } from "../../registry/chains/client.ts"
import type { Registries } from "../../registry/service.ts"
import { expose } from "../../transport/transport.ts"
import { held } from "./held.ts"
import type { Process } from "./process.ts"

/** What an endpoint provides. */
export interface DomainEndpointOptions {
  /** Network service that it provides; registered if nobody has done so. */
  readonly service: string
  /** Its addresses, written as NSM_CIDR_PREFIX is. @default it gives none */
  readonly cidrs?: string
  /** Remembers its addresses beyond its end. @default nothing does */
  readonly leases?: LeaseStore
  /** Payload of the service where this is the first to register it. @default "ETHERNET" */
  readonly payload?: string
  /** Labels that the service's match rules can ask for. @default none */
  readonly labels?: Readonly<Record<string, string>>
  /** What else it does; after the addresses, before the mechanisms. @default nothing */
  readonly elements?: readonly Element<NetworkService>[]
}

/** An endpoint that runs. */
export class DomainEndpoint {
  readonly name: string
  readonly #process: Process
  readonly #held = held()
  readonly #registries: Registries
  #entry: NetworkServiceEndpoint | undefined

  constructor(process: Process, managerUrl: string) {
    const { name, transport, random, signal } = process.hop
    this.name = name
    this.#process = process
    this.#registries = registryClient({ transport, url: managerUrl, signal, random })
  }

  /** What it holds, by its own ids. */
  get connections(): ReadonlyMap<string, Connection> {
    return this.#held.connections
  }

  async start(
    url: string,
    {
      service,
      cidrs,
      leases,
      payload = Payload.ETHERNET,
      labels = {},
      elements = [],
    }: DomainEndpointOptions,
  ): Promise<void> {
    const { hop, name } = this.#process
    const { random } = hop
    const chain = endpoint(
      hop,
      this.#held,
      ...(cidrs === undefined ? [] : [groupIpam({ groups: parseCidrGroups(cidrs), leases })]),
      ...elements,
      mechanisms({
        [MechanismType.KERNEL]: kernelEndpoint({
          namespaceUrl: `file:///run/netns/${name}`,
          random,
        }),
      }),
    )
    await this.#process.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const entry = create(NetworkServiceEndpointSchema, {
      name,
      url,
      networkServiceNames: [service],
      networkServiceLabels: { [service]: { labels } },
    })
    await this.#process.call(async (call) => {
      const { services, endpoints } = this.#registries
      const wanted = create(NetworkServiceSchema, { name: service, payload })
      const query = create(NetworkServiceQuerySchema, { networkService: { name: service } })
      const known = await Array.fromAsync(services.find(query, call))
      if (!known.some(({ networkService }) => networkService?.name === service)) {
        await services.register(wanted, call)
      }
      this.#entry = await endpoints.register(entry, call)
    })
  }

  /** Ends in order: takes itself out of the registry first. */
  async stop(): Promise<void> {
    const entry = this.#entry
    this.#entry = undefined
    if (entry)
      await this.#process.call((call) => this.#registries.endpoints.unregister(entry, call))
    await this.#process[Symbol.asyncDispose]()
  }

  /** Ends as a killed process does; its registration stays until it expires. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }
}
