import { randomUUID } from "node:crypto"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  type Mechanism,
  MechanismClass,
  MechanismParameter,
  MechanismSchema,
  MechanismType,
  NetworkServiceEndpointRegistryService,
  NetworkServiceEndpointSchema,
  NetworkServiceRegistryService,
  NetworkServiceRequestSchema,
  NetworkServiceSchema,
  NetworkServiceService,
} from "@nsm/api"
import { Deviation, must, there } from "./check.ts"
import { type NextHop, startNextHop } from "./next-hop.ts"
import type { Answer, CallHeaders, Probe } from "./probe.ts"
import type { Subject } from "./subject.ts"

/** What a request says that is not what a first request says. */
export interface Wish {
  readonly id?: string
  readonly connection?: Exclude<MessageInitShape<typeof ConnectionSchema>, Connection>
  /** What was granted before and is asked for again. */
  readonly granted?: Connection
  readonly mechanisms?: readonly Mechanism[]
  readonly headers?: CallHeaders
  readonly probe?: Probe
}

/**
 * A place for requests: a network service of its own, and behind a manager or forwarder a next hop
 * that grants it. All of it goes when the check is over.
 */
export class Scene implements AsyncDisposable {
  readonly service: string
  readonly #subject: Subject
  readonly #next: NextHop | undefined
  readonly #end: AsyncDisposableStack
  readonly #open = new Map<string, Connection>()

  /** Sets it up. */
  static async of(subject: Subject): Promise<Scene> {
    const end = new AsyncDisposableStack()
    if (subject.role === "nse") return new Scene(subject, subject.service, undefined, end)
    const { place, as, id: callerId } = subject
    const next = end.use(await startNextHop({ place, as, callerId }))
    const service = `${next.name}-service`
    const manager = await subject.manager()
    // The label keeps other forwarders of the node out of it.
    const isForwarder = subject.role === "nsmgr"
    const labels = { conformance: next.name }
    const matches = isForwarder ? [{ metadata: { labels } }] : []
    const provided = isForwarder ? "forwarder" : service
    const entry = create(NetworkServiceEndpointSchema, {
      ...{ name: next.name, url: next.url, networkServiceNames: [provided] },
      networkServiceLabels: { [provided]: { labels } },
    })
    const named = create(NetworkServiceSchema, { name: service, payload: "IP", matches })
    const { register, unregister } = NetworkServiceEndpointRegistryService.method
    const outcomes = [
      await manager.call(NetworkServiceRegistryService.method.register, named, emptyPath),
      await manager.call(register, entry, emptyPath),
    ]
    for (const { code, status, details } of outcomes) {
      must(code === 0, `the next hop of the check cannot be registered: ${status} ${details}`)
    }
    end.defer(async () => {
      await manager.call(unregister, entry, emptyPath)
      await manager.call(NetworkServiceRegistryService.method.unregister, named, emptyPath)
    })
    return new Scene(subject, service, next, end)
  }

  private constructor(
    subject: Subject,
    service: string,
    next: NextHop | undefined,
    end: AsyncDisposableStack,
  ) {
    this.service = service
    this.#subject = subject
    this.#next = next
    this.#end = end
  }

  /** Over a unix socket a namespace is the inode of a file that goes along, and none does here. */
  get #mechanism(): Mechanism {
    return this.#subject.address.startsWith("unix:") ? namedMechanism : kernelMechanism
  }

  /** What stands behind a manager or a forwarder. */
  get next(): NextHop {
    return there(this.#next, "an endpoint has no next hop")
  }

  /** Asks as a client does that begins. */
  async request({ probe = this.#subject.probe, headers, ...wish }: Wish = {}): Promise<
    Answer<Connection>
  > {
    const id = wish.id ?? randomUUID()
    const pathSegments = [{ name: "conformance", id }]
    const request = create(NetworkServiceRequestSchema, {
      connection:
        wish.granted ??
        create(ConnectionSchema, {
          ...{ id, networkService: this.service, context: { ipContext: {} } },
          path: { index: 0, pathSegments },
          ...wish.connection,
        }),
      mechanismPreferences: [...(wish.mechanisms ?? [this.#mechanism])],
    })
    const answer = await probe.call(NetworkServiceService.method.request, request, headers)
    if (answer.message) this.#open.set(id, answer.message)
    return answer
  }

  /** Asks, and gives what was granted. */
  async granted(wish: Wish = {}): Promise<Connection> {
    const { message, status, details } = await this.request(wish)
    if (!message) throw new Deviation(`a request is refused: ${status} ${details}`)
    return message
  }

  /** Asks again for what was granted, as a client does to keep it. */
  async again(connection: Connection, headers: CallHeaders = {}): Promise<Answer<Connection>> {
    return await this.request({ id: connection.id, granted: connection, headers })
  }

  /** Gives a connection back. */
  async close(connection: Connection, headers: CallHeaders = {}): Promise<Answer<unknown>> {
    this.#open.delete(connection.id)
    return await this.#subject.probe.call(NetworkServiceService.method.close, connection, headers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#open.values()) await this.close(connection)
    await this.#end.disposeAsync()
  }
}

/** The header with which a client of a registry begins. */
export const emptyPath: CallHeaders = { path: `{"Index":0,"PathSegments":null}` }

const namedMechanism: Mechanism = create(MechanismSchema, {
  cls: MechanismClass.LOCAL,
  type: MechanismType.KERNEL,
  parameters: { [MechanismParameter.name]: "nsm-1" },
})

/** What a client offers: an interface in the network namespace of this process. */
export const kernelMechanism: Mechanism = create(MechanismSchema, {
  cls: MechanismClass.LOCAL,
  type: MechanismType.KERNEL,
  parameters: {
    [MechanismParameter.name]: "nsm-1",
    [MechanismParameter.inodeUrl]: `file:///proc/${process.pid}/ns/net`,
  },
})
