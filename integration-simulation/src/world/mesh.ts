import type { Connection } from "@nsm/api"
import type { Element, NetworkService } from "@nsm/sdk"
import { ClientPart, type ClientPartOptions } from "../parts/client.ts"
import { endpointPart } from "../parts/endpoint.ts"
import { forwarderPart } from "../parts/forwarder.ts"
import { managerPart } from "../parts/manager.ts"
import type { Part } from "../parts/part.ts"
import { namespaceUrl } from "../parts/places.ts"
import { registryPart } from "../parts/registry.ts"
import type { WireRecord } from "../parts/wire-record.ts"
import type { World } from "./world.ts"

/** How large a mesh is. */
export interface MeshSize {
  readonly nodes: number
  readonly services: number
  readonly endpoints: number
  readonly clients: number
}

/** Defects that are planted to see that they are found. */
export interface Defects {
  /** In every endpoint, outside of its addresses. */
  readonly endpointElements?: readonly Element<NetworkService>[]
  /** In every client, behind what repeats requests. */
  readonly clientElements?: readonly Element<NetworkService>[]
  /** In place of the product's healing. */
  readonly healing?: ClientPartOptions["healing"]
}

/** All parts of a simulation. */
export class Mesh {
  readonly registry: Part
  readonly nodes: readonly string[]
  readonly managers: readonly Part[]
  readonly forwarders: readonly Part[]
  readonly endpoints: readonly Part[]
  readonly clients: ClientPart[] = []
  readonly #world: World
  readonly #services: readonly string[]
  readonly #defects: Defects
  readonly #onGranted: (record: WireRecord, granted: Connection) => void
  #count = 0

  constructor(
    world: World,
    size: MeshSize,
    onGranted: (record: WireRecord, granted: Connection) => void,
    defects: Defects = {},
  ) {
    this.#world = world
    this.#onGranted = onGranted
    this.#defects = defects
    this.registry = registryPart(world)
    this.nodes = numbered(size.nodes, "node")
    this.#services = numbered(size.services, "service")
    this.managers = this.nodes.map((node) => managerPart(world, node))
    this.forwarders = this.nodes.map((node, at) => {
      const ip = `192.0.2.${at + 1}`
      world.underlay.join(node, ip)
      return forwarderPart(world, node, { ip, number: at + 1 })
    })
    this.endpoints = numbered(size.endpoints, "nse").map((name, at) => this.#endpoint(name, at))
    for (let at = 0; at < size.clients; at++) this.addClient()
  }

  /** All but the clients. */
  get parts(): readonly Part[] {
    return [this.registry, ...this.managers, ...this.forwarders, ...this.endpoints]
  }

  /** The wires that are wanted now. */
  get wanted(): readonly WireRecord[] {
    return this.wires.filter(({ endedAt }) => endedAt === undefined)
  }

  /** All wires that were ever wanted. */
  get wires(): readonly WireRecord[] {
    return this.clients.flatMap(({ wires }) => wires)
  }

  /** Whether both have started anew since a grant who could remember it: the client and its manager. */
  isForgotten({ client: name, grantedAt }: WireRecord): boolean {
    const client = this.clients.find((part) => part.name === name)
    const manager = this.managers.find(({ host }) => host === client?.host)
    return [client, manager].every((part) => (part?.startedAt ?? 0) >= grantedAt)
  }

  /** Makes a workload with a client on some node. */
  addClient(): ClientPart {
    const name = `nsc-${++this.#count}`
    const chance = this.#world.chance(`place of ${name}`)
    const node = this.nodes[chance.integer(this.nodes.length)] ?? ""
    const first = chance.integer(this.#services.length)
    const count = chance.integer(4) === 0 ? 2 : 1
    const services = Array.from({ length: count }, (_, at) => this.#serviceAt(first + at))
    const { healing, clientElements: elements = [] } = this.#defects
    const onGranted = this.#onGranted
    const wanted = { name, node, services, onGranted, healing, elements }
    const client = new ClientPart(this.#world, wanted)
    this.#world.kernel.create(namespaceUrl(name), node)
    this.clients.push(client)
    return client
  }

  #endpoint(name: string, at: number): Part {
    const chance = this.#world.chance(`place of ${name}`)
    const node = this.nodes[chance.integer(this.nodes.length)] ?? ""
    this.#world.kernel.create(namespaceUrl(name), node)
    const own = `10.${Math.floor(at / 256)}.${at % 256}.0/24`
    const cidrs = chance.integer(3) === 0 ? `[${own}],[fd00:${at.toString(16)}::/112]` : own
    const { endpointElements: elements = [] } = this.#defects
    return endpointPart(this.#world, { name, node, service: this.#serviceAt(at), cidrs, elements })
  }

  #serviceAt(at: number): string {
    return this.#services[at % this.#services.length] ?? ""
  }
}

function numbered(count: number, what: string): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${what}-${at + 1}`)
}
