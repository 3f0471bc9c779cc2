import type { Connection } from "@nsm/api"
import { type HeldWires, holdWires, noteOutcomes, wantedWires, Wire } from "@nsm/cmd-nsc"
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
  sleep,
} from "@nsm/sdk"
import { passes } from "../kernel/passes.ts"
import { connectionIdOf } from "../world/connection-id.ts"
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

const requestTimeoutMs = 15_000
/** Time between two looks at a wire; shorter ones only cost more. */
const lookMs = 500
/** How often an echo is sent within a look, and how long each is waited for. */
const [echoes, echoMs] = [4, 250]

/** A client, as `cmd-nsc` runs it: asks for its wires until it has them, and holds them. */
export class ClientPart extends Part {
  readonly wires: readonly WireRecord[]
  readonly #world: World
  #held: HeldWires | undefined

  constructor(world: World, options: ClientPartOptions) {
    const { name, node: host, services } = options
    super(world, { kind: "client", name, host, boot: (process) => this.#hold(process, options) })
    this.#world = world
    this.wires = services.map((service, at) => ({
      ...{ id: `${name}-${at}`, client: name, service, namespaceUrl: namespaceUrl(name) },
      ...{ connection: undefined, grantedAt: 0, wasDead: false },
      ...{ endedAt: undefined, passesSince: undefined },
    }))
  }

  /** Gives all wires back and ends. */
  async stop(): Promise<void> {
    if (!this.isUp) return this.vanish()
    this.#world.trace.add(this.name, "stops")
    this.#leave()
    await this.#held?.[Symbol.asyncDispose]()
    this.crash()
  }

  /** Goes without a word, and does not come back. */
  vanish(): void {
    this.#leave()
    this.crash()
  }

  /** One that has gone stays away. */
  override start(): void {
    if (this.wires.every(({ endedAt }) => endedAt === undefined)) super.start()
  }

  #leave(): void {
    for (const wire of this.wires) wire.endedAt ??= this.#world.now
  }

  async #hold(process: SimProcess, options: ClientPartOptions): Promise<void> {
    const { hop, random, clock, log, transport } = process
    const { name, node, services, healing, elements, onGranted } = options
    const connectTo = managerUrl(node)
    const liveness = this.#liveness()
    const usual = { liveness, intervalMs: lookMs }
    const urls = services.map((service, at) => `kernel://${service}/nsm-${at}`)
    const wires = wantedWires.parse(urls.join(",")).map((wanted, at) => new Wire(name, at, wanted))
    const chain = client(
      {
        ...{ ...hop, connectTo, policies: { answers: defaultPolicies("client") } },
        healing: healing === "none" ? undefined : (healing ?? usual),
      },
      noteOutcomes(wires),
      this.#notes(onGranted),
      ...elements,
      clientInfo({ nodeName: node, podName: name }),
      kernelPreference({ namespaceUrl: namespaceUrl(name), random }),
    )
    const service = timed(bind(chain, grant), this.#world, name)
    const manager = transport.client(connectTo, networkServiceWire)
    const readiness = { needs: () => ({ met() {}, unmet() {} }) }
    this.#held = holdWires({
      ...{ wires, service, manager, liveness, requestTimeoutMs },
      ...{ clock, log, random, readiness },
    })
  }

  /** Echoes from the client's namespace. */
  #liveness(): Liveness {
    return async (connection, { clock, signal }) => {
      const { kernel } = this.#world
      const home = kernel.find(namespaceUrl(this.name))
      for (let tried = 0; tried < echoes; tried++) {
        const isAlive = home !== undefined && passes(kernel, home, connection)
        await sleep(clock, isAlive ? 1 : echoMs, signal)
        if (isAlive) return true
      }
      const record = this.wires.find(({ id }) => id === connectionIdOf(connection))
      if (record) record.wasDead = true
      return false
    }
  }

  /** Writes down what is granted, as an onlooker sees it. */
  #notes(onGranted: ClientPartOptions["onGranted"]): Element<NetworkService> {
    const { books, trace } = this.#world
    return element("notes", (next) => ({
      request: async (request, call) => {
        books.request(this.name)
        const granted = await next.request(request, call)
        const { id } = connectionOf(request)
        const record = this.wires.find((wire) => wire.id === id)
        if (!record || call.signal.aborted) return granted
        const { networkServiceEndpointName: endpoint, context } = granted
        if (record.connection?.networkServiceEndpointName !== endpoint || record.wasDead) {
          const addresses = context?.ipContext?.srcIpAddrs.join(" ") ?? ""
          trace.add(this.name, `has ${id} to ${endpoint} with ${addresses}`)
        }
        onGranted(record, granted)
        record.connection = granted
        record.grantedAt = this.#world.now
        record.wasDead = false
        return granted
      },
    }))
  }
}
