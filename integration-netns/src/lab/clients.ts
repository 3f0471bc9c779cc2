import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type Mechanism,
  MechanismClass,
  MechanismParameter,
  MechanismSchema,
  MechanismType,
  NetworkServiceRequestSchema,
  type NetworkServiceRequest,
} from "@nsm/api"
import {
  bind,
  client,
  type ClientOptions,
  grant,
  grpcTransport,
  silentLog,
  systemClock,
  systemRandom,
  withCall,
} from "@nsm/sdk"
import type { OwnIdentity } from "./own-identity.ts"

/** What a client asks for. */
export interface Wish {
  readonly id: string
  readonly service?: string
  /** URL of the client's namespace. */
  readonly namespaceUrl: string
  readonly interfaceName?: string
  readonly labels?: Record<string, string>
  /** What is offered. @default a kernel interface of that name in that namespace */
  readonly mechanism?: Mechanism
}

/** How clients ask. */
export interface ClientsOptions {
  readonly managerUrl: string
  /** Who all of them are. */
  readonly identity: Pick<OwnIdentity, "connections" | "policies">
  readonly name?: string
  /** How lost connections come back. @default they do not */
  readonly healing?: ClientOptions["healing"]
  /** @default 15 s, that of cmd-nsc */
  readonly timeoutMs?: number
}

/**
 * Many clients in this process. Each has a connection id and a namespace of its own and goes through
 * the client's chain; they share the channel to the manager.
 */
export class Clients implements AsyncDisposable {
  readonly #transport
  readonly #service
  readonly #timeoutMs: number
  readonly #end = new AbortController()

  constructor({
    managerUrl,
    identity,
    name = "client",
    healing,
    timeoutMs = 15_000,
  }: ClientsOptions) {
    this.#timeoutMs = timeoutMs
    this.#transport = grpcTransport({ name, ...identity.connections })
    const chain = client({
      name,
      connectTo: managerUrl,
      transport: this.#transport,
      policies: identity.policies,
      healing,
      random: systemRandom,
      signal: this.#end.signal,
    })
    this.#service = bind(chain, grant)
  }

  /** Asks for a wire. */
  async request(wish: Wish): Promise<Connection> {
    return await this.#call((call) => this.#service.request(requestFor(wish), call))
  }

  /** Gives a wire back. */
  async close(connection: Connection): Promise<void> {
    await this.#call((call) => this.#service.close(connection, call))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#transport[Symbol.asyncDispose]()
  }

  #call<T>(run: Parameters<typeof withCall<T>>[1]): Promise<T> {
    return withCall({ clock: systemClock, log: silentLog, timeoutMs: this.#timeoutMs }, run)
  }
}

/** The request of a client that begins. */
export function requestFor({
  id,
  service = "icmp-responder",
  namespaceUrl,
  interfaceName = "nsm-1",
  labels = {},
  mechanism = kernelInterface(namespaceUrl, interfaceName),
}: Wish): NetworkServiceRequest {
  return create(NetworkServiceRequestSchema, {
    connection: { id, networkService: service, labels, context: { ipContext: {} } },
    mechanismPreferences: [mechanism],
  })
}

function kernelInterface(namespaceUrl: string, name: string): Mechanism {
  return create(MechanismSchema, {
    cls: MechanismClass.LOCAL,
    type: MechanismType.KERNEL,
    parameters: { [MechanismParameter.name]: name, [MechanismParameter.inodeUrl]: namespaceUrl },
  })
}
