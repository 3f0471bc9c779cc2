import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import { seededRandom } from "../../core/random.ts"
import { type MemoryRegistries, memoryRegistries } from "../../registry/chains/memory.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
} from "../../registry/service.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { expose } from "../../transport/transport.ts"
import { FakeClock } from "../fake-clock.ts"
import type { Choosing } from "./forwarder.ts"
import { DomainNode } from "./node.ts"
import { Process, type World } from "./process.ts"

/** What a domain begins with. */
export interface DomainOptions {
  /** Seed of all chance in it: the same seed gives the same run. @default 1 */
  readonly seed?: number
  /** How long tokens hold, and with them connections that nobody refreshes. @default 10 minutes */
  readonly tokenLifetimeMs?: number
  /** How forwarders choose endpoints. @default all alike, and none race */
  readonly choosing?: Choosing
  /** @default silentLog */
  readonly log?: Log
}

const registryUrl = "tcp://registry:5002"

/**
 * A whole mesh in this process, on a network and a clock of its own: a registry, and nodes with a
 * manager and a forwarder each, which makes no wires. Its chains are those of the daemons.
 */
export class Domain implements AsyncDisposable {
  readonly clock = new FakeClock()
  readonly #world: World
  #registry: Process | undefined
  #registries: MemoryRegistries | undefined
  #nodes = 0

  constructor({
    seed = 1,
    tokenLifetimeMs = 600_000,
    choosing = {},
    log = silentLog,
  }: DomainOptions = {}) {
    this.#world = {
      clock: this.clock,
      log,
      random: seededRandom(seed),
      network: new MemoryNetwork(),
      tokenLifetimeMs,
      choosing,
      processes: new Map(),
    }
  }

  /** Starts the registry, with nothing in it. */
  async startRegistry(): Promise<void> {
    this.#registry = new Process("registry", this.#world)
    this.#registries = memoryRegistries(this.#registry.hop)
    const { services, endpoints } = this.#registries
    await this.#registry.listen(registryUrl, [
      expose(networkServiceRegistryWire, services),
      expose(networkServiceEndpointRegistryWire, endpoints),
    ])
  }

  /** Ends the registry as a killed process ends, with all that it knew. */
  async killRegistry(): Promise<void> {
    await this.#registry?.kill()
    this.#registry = undefined
    this.#registries = undefined
  }

  /** How many entries and watches the registry has; undefined while it is down. */
  get registered(): MemoryRegistries | undefined {
    return this.#registries
  }

  /** Starts a node. */
  async node(name: string): Promise<DomainNode> {
    this.#nodes += 1
    const tunnelIp = `192.0.2.${this.#nodes}`
    const node = new DomainNode(name, this.#world, { registryUrl, tunnelIp })
    await node.start()
    return node
  }

  /** Registers a network service, such as one with match rules. */
  async service(service: MessageInitShape<typeof NetworkServiceSchema>): Promise<void> {
    const entry = create(NetworkServiceSchema, service)
    const [registry, registries] = [this.#registry, this.#registries]
    if (!registry || !registries) {
      throw new NsmError("PEER_UNREACHABLE", "the registry of this domain is down: start it first")
    }
    await registry.call((call) => registries.services.register(entry, call))
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
  }

  /** Ends all processes, those that were started last first. Nothing is left on the clock. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of [...this.#world.processes.values()].toReversed()) await process.kill()
    // What was under way ends with them, but not in the same instant.
    await this.pass(0)
  }
}

/**
 * Starts a domain with nothing but a registry.
 *
 * @example
 * await using domain = await startDomain()
 * const [here, there] = [await domain.node("here"), await domain.node("there")]
 * await there.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/24" })
 * const connection = await here.client("client-1").request("echo")
 * await domain.pass(3_600_000)
 */
export async function startDomain(options: DomainOptions = {}): Promise<Domain> {
  const domain = new Domain(options)
  await domain.startRegistry()
  return domain
}
