import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  MonitorScopeSelectorSchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import { bind } from "../../core/chain.ts"
import { client, type ClientOptions } from "../../networkservice/chains/client.ts"
import { clientInfo } from "../../networkservice/common/client-info.ts"
import { kernelPreference } from "../../networkservice/mechanisms/kernel.ts"
import type { NetworkService } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { held } from "./held.ts"
import type { Process } from "./process.ts"

/** What a client may say beside the name of the service. */
export interface DomainRequestOptions {
  /** Labels for the service's match rules. @default none */
  readonly labels?: Readonly<Record<string, string>>
  /** The one endpoint that it wants. @default any that matches */
  readonly endpoint?: string
}

/** How a client behaves. */
export interface DomainClientOptions {
  /**
   * What brings its connections back; without a data plane nobody can look at wires, so what is lost
   * is selected anew unless a `liveness` says that it lives. "none" leaves them lost.
   * @default {}
   */
  readonly healing?: ClientOptions["healing"] | "none"
}

/** Where a client is. */
export interface DomainClientPlace {
  readonly nodeName: string
  readonly managerUrl: string
}

/** A client that keeps its connections until it closes them or is gone. */
export class DomainClient {
  readonly name: string
  readonly #process: Process
  readonly #service: NetworkService
  readonly #held = held()
  #count = 0

  constructor(
    process: Process,
    { nodeName, managerUrl }: DomainClientPlace,
    { healing = {} }: DomainClientOptions = {},
  ) {
    const { hop, name } = process
    const { random } = hop
    this.name = name
    this.#process = process
    this.#service = bind(
      client(
        { ...hop, connectTo: managerUrl, ...(healing !== "none" && { healing }) },
        this.#held,
        clientInfo({ nodeName, podName: name }),
        kernelPreference({ namespaceUrl: `file:///run/netns/${name}`, random }),
      ),
      grant,
    )
  }

  /** What it was granted and has not closed, by its own ids. */
  get connections(): ReadonlyMap<string, Connection> {
    return this.#held.connections
  }

  /** Asks for a network service. */
  async request(
    networkService: string,
    { labels = {}, endpoint = "" }: DomainRequestOptions = {},
  ): Promise<Connection> {
    const request = create(NetworkServiceRequestSchema, {
      connection: {
        id: `${this.name}-${this.#count++}`,
        networkService,
        labels: { ...labels },
        networkServiceEndpointName: endpoint,
      },
    })
    return await this.#process.call((call) => this.#service.request(request, call))
  }

  /** What the manager tells of a connection: how it is now, and then every change. */
  watch({ id }: Connection): AsyncGenerator<ConnectionEvent, void> {
    const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ id, name: this.name }] })
    return this.#process.follow((call) => this.#service.monitorConnections(selector, call))
  }

  /** Gives a connection back. */
  async close(connection: Connection): Promise<void> {
    await this.#process.call((call) => this.#service.close(connection, call))
  }

  /** Closes all its connections and ends. */
  async stop(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => this.close(connection)))
    await this.#process[Symbol.asyncDispose]()
  }

  /** Is gone without a word; its connections stay until they expire. */
  async vanish(): Promise<void> {
    await this.#process.kill()
  }
}
