import { create } from "@bufbuild/protobuf"
import { type Connection, MonitorScopeSelectorSchema, NetworkServiceRequestSchema } from "@nsm/api"
import {
  bind,
  client,
  clientInfo,
  type ClientOptions,
  connectionOf,
  element,
  type Element,
  grant,
  kernelPreference,
  type Liveness,
  type NetworkService,
  networkServiceWire,
  NsmError,
  sleep,
} from "@nsm/sdk"
import { passes } from "../kernel/passes.ts"
import type { SimProcess } from "../world/sim-process.ts"
import { timed } from "../world/timed.ts"
import type { World } from "../world/world.ts"
import { Part } from "./part.ts"
import { managerUrl, namespaceUrl } from "./places.ts"
import { defaultPolicies } from "./policies.ts"
import type { WireRecord } from "./wire-record.ts"

/** Who a client is, and what it wants. */
export interface ClientPartOptions {
  readonly name: string
  readonly node: string
  /** One wire to each. */
  readonly services: readonly string[]
  /** Hears of every grant, before it is written down. */
  readonly onGranted: (record: WireRecord, granted: Connection) => void
  /** In place of what heals in the product; for tests of the simulation itself. */
  readonly healing: ClientOptions["healing"] | "none"
  /** What else it does to requests. */
  readonly elements: readonly Element<NetworkService>[]
}

const requestMs = 15_000
const closeMs = 4000
/** Time between two looks at a wire; shorter ones only cost more. */
const lookMs = 500
const [firstPauseMs, longestPauseMs] = [200, 5000]

/** A client, as `cmd-nsc` runs it: asks for its wires until it has them, and holds them. */
export class ClientPart extends Part {
  readonly wires: readonly WireRecord[]
  readonly #world: World
  #service: NetworkService = grant

  constructor(world: World, options: ClientPartOptions) {
    const { name, node, services } = options
    super(world, {
      kind: "client",
      name,
      host: node,
      boot: (process) => this.#hold(process, options),
    })
    this.#world = world
    this.wires = services.map((service, at) => ({
      ...{ id: `${name}-${at}`, client: name, service, namespaceUrl: namespaceUrl(name) },
      ...{
        connection: undefined,
        grantedAt: 0,
        wasDead: false,
        endedAt: undefined,
        passesSince: undefined,
      },
    }))
  }

  /** Gives all wires back and ends. */
  async stop(): Promise<void> {
    const { process } = this
    const { trace } = this.#world
    this.#leave()
    if (!process) return
    trace.add(this.name, "stops")
    await Promise.all(
      this.wires.map(async ({ id, connection }) => {
        if (!connection) return
        try {
          await process.call(closeMs, (call) => this.#service.close(connection, call))
          trace.add(this.name, `closed ${id}`)
        } catch (failure) {
          trace.add(this.name, `could not close ${id}: ${NsmError.from(failure).message}`)
        }
      }),
    )
    this.crash()
  }

  /** Goes without a word, and does not come back. */
  vanish(): void {
    this.#leave()
    this.crash()
  }

  #leave(): void {
    for (const wire of this.wires) wire.endedAt ??= this.#world.now
  }

  async #hold(
    process: SimProcess,
    { healing, onGranted, elements, ...options }: ClientPartOptions,
  ): Promise<void> {
    const { hop, random, clock } = process
    const { name, node } = options
    const connectTo = managerUrl(node)
    const usual = { liveness: this.#liveness(), intervalMs: lookMs }
    const chain = client(
      {
        ...{ ...hop, connectTo, policies: { answers: defaultPolicies("client") } },
        healing: healing === "none" ? undefined : (healing ?? usual),
      },
      this.#notes(onGranted),
      ...elements,
      clientInfo({ nodeName: node, podName: name }),
      kernelPreference({ namespaceUrl: namespaceUrl(name), random }),
    )
    const service = timed(bind(chain, grant), this.#world, name)
    this.#service = service
    const obtain = async (wire: WireRecord): Promise<void> => {
      let last = ""
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        try {
          const earlier = await earlierConnection(wire.id, process, connectTo)
          const request = requestFor(wire, earlier)
          await process.call(requestMs, (call) => service.request(request, call))
          return
        } catch (failure) {
          const { message } = NsmError.from(failure)
          if (message !== last) this.#world.trace.add(name, `no ${wire.id}: ${message}`)
          last = message
        }
        await sleep(clock, pauseMs * (0.5 + random.integer(1000) / 1000), process.signal)
      }
    }
    await Promise.all(this.wires.filter(({ endedAt }) => endedAt === undefined).map(obtain))
  }

  #liveness(): Liveness {
    return async (connection, { clock, signal }) => {
      const { kernel } = this.#world
      const record = this.wires.find(({ id }) => id === connection.id)
      const home = kernel.find(namespaceUrl(this.name))
      for (let tried = 0; tried < 4; tried++) {
        const isAlive = home !== undefined && passes(kernel, home, connection)
        await sleep(clock, isAlive ? 1 : 250, signal)
        if (isAlive) return true
      }
      if (record) record.wasDead = true
      return false
    }
  }

  #notes(onGranted: ClientPartOptions["onGranted"]): Element<NetworkService> {
    const { books, trace } = this.#world
    return element("notes", (next) => ({
      request: async (request, call) => {
        books.request(this.name)
        const granted = await next.request(request, call)
        const { id } = connectionOf(request)
        const record = this.wires.find((wire) => wire.id === id)
        if (record && !call.signal.aborted) {
          const { networkServiceEndpointName: endpoint, context } = granted
          const known = record.connection
          if (!known || known.networkServiceEndpointName !== endpoint || record.wasDead) {
            const addresses = context?.ipContext?.srcIpAddrs.join(" ") ?? ""
            trace.add(this.name, `has ${id} to ${endpoint} with ${addresses}`)
          }
          onGranted(record, granted)
          record.connection = granted
          record.grantedAt = this.#world.now
          record.wasDead = false
        }
        return granted
      },
    }))
  }
}

function requestFor({ id, service }: WireRecord, earlier: Connection | undefined) {
  return create(NetworkServiceRequestSchema, {
    connection: {
      id,
      networkService: service,
      ...(earlier && {
        context: earlier.context,
        path: { index: 0, pathSegments: earlier.path?.pathSegments ?? [] },
        networkServiceEndpointName: earlier.networkServiceEndpointName,
        payload: earlier.payload,
      }),
    },
    mechanismPreferences: [{ cls: "LOCAL", type: "KERNEL", parameters: { name: nameOf(id) } }],
  })
}

/** Under the same name again, as NSM_NETWORK_SERVICES would say it. */
function nameOf(id: string): string {
  return `nsm-${id.split("-").at(-1)}`
}

/** What the manager still holds for a client that has started anew. */
async function earlierConnection(
  id: string,
  process: SimProcess,
  url: string,
): Promise<Connection | undefined> {
  const manager = process.transport.client(url, networkServiceWire)
  const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ id }] })
  try {
    return await process.call(1000, async (call) => {
      for await (const { connections } of manager.monitorConnections(selector, call)) {
        return Object.values(connections).find(
          ({ path }) => path?.index === 1 && path.pathSegments[0]?.id === id,
        )
      }
      return undefined
    })
  } catch {
    return undefined
  }
}
