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
import { DomainClient } from "./client.ts"
import { DomainEndpoint, type DomainEndpointOptions } from "./endpoint.ts"
import { wirelessForwarder } from "./forwarder.ts"
import { held } from "./held.ts"
import { Process, type World } from "./process.ts"

/** A node with a manager and a forwarder. */
export class DomainNode {
  readonly name: string
  readonly #world: World
  readonly #manager: Process
  readonly #forwarder: Process
  readonly #held = { manager: held(), forwarder: held() }

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.#manager = new Process(`${name}-manager`, world)
    this.#forwarder = new Process(`${name}-forwarder`, world)
  }

  /** What its manager and its forwarder hold, by their own ids. */
  get connections(): { readonly manager: Connections; readonly forwarder: Connections } {
    const { manager, forwarder } = this.#held
    return { manager: manager.connections, forwarder: forwarder.connections }
  }

  async start(registryUrl: string, tunnelIp: string): Promise<void> {
    await this.#startManager(registryUrl)
    await this.#startForwarder(tunnelIp)
  }

  /** Starts an endpoint and registers it. */
  async endpoint(name: string, options: DomainEndpointOptions): Promise<DomainEndpoint> {
    const endpoint = new DomainEndpoint(new Process(name, this.#world), this.#url)
    await endpoint.start(`unix:///${this.name}/${name}.sock`, options)
    return endpoint
  }

  /** Starts a client. */
  client(name: string): DomainClient {
    const place = { nodeName: this.name, managerUrl: this.#url }
    return new DomainClient(new Process(name, this.#world), place)
  }

  /** Ends the forwarder as a killed process ends. */
  async killForwarder(): Promise<void> {
    await this.#forwarder.kill()
  }

  /** Where the processes of this node find the manager. */
  get #url(): string {
    return `unix:///${this.name}/nsm.sock`
  }

  async #startManager(registryUrl: string): Promise<void> {
    const { hop, transport } = this.#manager
    const publicUrl = `tcp://${this.name}:5001`
    const labels = { nodeName: this.name }
    const upstream = connectRegistries({ transport, url: registryUrl })
    const registries = managerRegistries({ ...hop, upstream, publicUrl, labels })
    const observers = [this.#held.manager]
    const chain = nsmgr({ ...hop, ...labels, registries, publicUrl, observers })
    const services = [
      expose(networkServiceWire, bind(chain, grant)),
      expose(networkServiceRegistryWire, registries.services),
      expose(networkServiceEndpointRegistryWire, registries.endpoints),
    ]
    await this.#manager.listen(publicUrl, services)
    await this.#manager.listen(this.#url, services)
  }

  async #startForwarder(tunnelIp: string): Promise<void> {
    const { hop, name, transport, signal } = this.#forwarder
    const registries = registryClient({ transport, url: this.#url, signal })
    const observers = [this.#held.forwarder]
    const chain = wirelessForwarder({ ...hop, registries, tunnelIp, observers })
    const url = `unix:///${this.name}/forwarder.sock`
    await this.#forwarder.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const entry = create(NetworkServiceEndpointSchema, {
      name,
      url,
      networkServiceNames: ["forwarder"],
      networkServiceLabels: { forwarder: { labels: { p2p: "true" } } },
    })
    await this.#forwarder.call((call) => registries.endpoints.register(entry, call))
  }
}

type Connections = ReadonlyMap<string, Connection>
