import { create } from "@bufbuild/protobuf"
import { type Connection, NetworkServiceEndpointSchema } from "@nsm/api"
import { bind } from "../../core/chain.ts"
import { nsmgr } from "../../networkservice/chains/nsmgr.ts"
import { networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { registryClient } from "../../registry/chains/client.ts"
import { managerRegistries } from "../../registry/chains/nsmgr.ts"
import { connectRegistries } from "../../registry/common/connect.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
} from "../../registry/service.ts"
import { expose } from "../../transport/transport.ts"
import { DomainClient, type DomainClientOptions } from "./client.ts"
import { DomainEndpoint, type DomainEndpointOptions } from "./endpoint.ts"
import { wirelessForwarder } from "./forwarder.ts"
import { held } from "./held.ts"
import { Process, type World } from "./process.ts"

/** Where a node is in its domain. */
export interface DomainNodePlace {
  readonly registryUrl: string
  readonly tunnelIp: string
}

/** A node with a manager and a forwarder. */
export class DomainNode {
  readonly name: string
  readonly #world: World
  readonly #place: DomainNodePlace
  #manager: Process | undefined
  #forwarder: Process | undefined
  readonly #held = { manager: held(), forwarder: held() }

  constructor(name: string, world: World, place: DomainNodePlace) {
    this.name = name
    this.#world = world
    this.#place = place
  }

  /** What its manager and its forwarder hold, by their own ids. */
  get connections(): { readonly manager: Connections; readonly forwarder: Connections } {
    const { manager, forwarder } = this.#held
    return { manager: manager.connections, forwarder: forwarder.connections }
  }

  async start(): Promise<void> {
    await this.startManager()
    await this.startForwarder()
  }

  /** Starts an endpoint and registers it. */
  async endpoint(name: string, options: DomainEndpointOptions): Promise<DomainEndpoint> {
    const endpoint = new DomainEndpoint(new Process(name, this.#world), this.#url)
    await endpoint.start(`unix:///${this.name}/${name}.sock`, options)
    return endpoint
  }

  /** Starts a client. */
  client(name: string, options: DomainClientOptions = {}): DomainClient {
    const place = { nodeName: this.name, managerUrl: this.#url }
    return new DomainClient(new Process(name, this.#world), place, options)
  }

  /** Ends the manager as a killed process ends. */
  async killManager(): Promise<void> {
    await this.#manager?.kill()
    this.#manager = undefined
  }

  /** Ends the forwarder as a killed process ends. */
  async killForwarder(): Promise<void> {
    await this.#forwarder?.kill()
    this.#forwarder = undefined
  }

  /** Starts the manager, which knows nothing of one that ran before. */
  async startManager(): Promise<void> {
    const process = new Process(`${this.name}-manager`, this.#world)
    this.#manager = process
    const { hop, transport } = process
    const publicUrl = `tcp://${this.name}:5001`
    const labels = { nodeName: this.name }
    const upstream = connectRegistries({ transport, url: this.#place.registryUrl })
    const registries = managerRegistries({ ...hop, upstream, publicUrl, labels })
    this.#held.manager = held()
    const observers = [this.#held.manager]
    const chain = nsmgr({ ...hop, ...labels, registries, publicUrl, observers })
    const services = [
      expose(networkServiceWire, bind(chain, grant)),
      expose(networkServiceRegistryWire, registries.services),
      expose(networkServiceEndpointRegistryWire, registries.endpoints),
    ]
    await process.listen(publicUrl, services)
    await process.listen(this.#url, services)
  }

  /** Starts the forwarder, which knows nothing of one that ran before, and registers it. */
  async startForwarder(): Promise<void> {
    const process = new Process(`${this.name}-forwarder`, this.#world)
    this.#forwarder = process
    const { hop, name, transport, signal } = process
    const { tunnelIp } = this.#place
    const registries = registryClient({ transport, url: this.#url, signal, random: hop.random })
    this.#held.forwarder = held()
    const observers = [this.#held.forwarder]
    const { choosing } = this.#world
    const chain = wirelessForwarder({ ...hop, registries, tunnelIp, choosing, observers })
    const url = `unix:///${this.name}/forwarder.sock`
    await process.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const entry = create(NetworkServiceEndpointSchema, {
      name,
      url,
      networkServiceNames: ["forwarder"],
      networkServiceLabels: { forwarder: { labels: { p2p: "true" } } },
    })
    await process.call((call) => registries.endpoints.register(entry, call))
  }

  /** Where the processes of this node find the manager. */
  get #url(): string {
    return `unix:///${this.name}/nsm.sock`
  }
}

type Connections = ReadonlyMap<string, Connection>
