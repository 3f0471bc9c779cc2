import { NsmError, Serial } from "@nsm/sdk"
import type { Topology } from "../topology/topology.ts"
import { refuseAddition } from "./addition.ts"
import { Daemon } from "./daemon.ts"
import type { Domain } from "./domain.ts"
import { type EndDaemonsOptions, killDaemons, restartDaemons } from "./end-daemons.ts"
import { type Addition, grow, type Step } from "./grow.ts"
import { type Identities, startIdentities } from "./identities.ts"
import {
  type SelectionFacts,
  selectionFacts,
  type SelectionFactsOptions,
} from "./selection-facts.ts"
import { namedDaemons } from "./named-daemons.ts"
import { Services } from "./services.ts"
import { Standing } from "./standing.ts"
import { byName } from "./standing-status.ts"
import type { DaemonStatus, Status, WireStatus } from "./status.ts"
import { Underlay } from "./underlay.ts"
import { wiresOf } from "./wires.ts"

const registryPort = 5002

/** Which processes are ended, and how. */
export interface EndOptions extends Pick<EndDaemonsOptions, "byForce"> {
  readonly names: readonly string[]
}

/**
 * A whole mesh on one machine. Nodes are network namespaces joined by an underlay, workloads are
 * namespaces too, and every daemon is a process of its own in the namespace where it belongs.
 */
export class Playground implements AsyncDisposable {
  readonly standing = new Standing()
  readonly #topology: Pick<Topology, "name" | "underlay" | "selection">
  readonly #directory: string
  readonly #underlay: Underlay
  readonly #changes = new Serial()
  #identities: Identities | undefined
  #registry: Daemon | undefined
  #services: Services | undefined

  /** `directory` takes sockets and logs. Call `start` to bring it up. */
  constructor(
    { name, underlay, selection }: Pick<Topology, "name" | "underlay" | "selection">,
    directory: string,
  ) {
    this.#topology = { name, underlay, selection }
    this.#directory = directory
    this.#underlay = new Underlay(underlay)
  }

  /** Makes the underlay and starts what serves all nodes: the authority and the registry. */
  async start(step: Step): Promise<void> {
    const [place, directory] = [this.#underlay, this.#directory]
    await this.#underlay.start()
    this.#identities = await startIdentities({ place, directory })
    if (this.#identities.authority) step("the authority gives identities to all that follows")
    this.#registry = new Daemon({
      ...{ name: "registry", program: "cmd-registry-memory", place, directory },
      settings: { ...this.#identities.settings, NSM_LISTEN_ON: this.#registryUrl },
    })
    await this.#registry.ready()
    const { settings } = this.#identities
    this.#services = await Services.open({ url: this.#registryUrl, settings })
    step(`registry serves on ${this.#underlay.address}:${registryPort}`)
  }

  /** Adds to what stands, one change at a time. Answers the wires of clients that were added. */
  add(addition: Addition, step: Step): Promise<WireStatus[]> {
    const { standing } = this
    return this.#changes.run("", async () => {
      refuseAddition({ ...this.#topology, ...standing.topology }, addition)
      return await grow(addition, { standing, domain: this.#domain, step })
    })
  }

  /** Takes a workload, or a node without any, away. */
  remove(name: string): Promise<void> {
    return this.#changes.run("", () => this.standing.remove(name))
  }

  /** Ends processes and leaves them down. */
  kill({ names, byForce }: EndOptions, step: Step): Promise<readonly DaemonStatus[]> {
    return this.#changes.run("", () =>
      killDaemons(namedDaemons(names, this.#daemons), { byForce, step }),
    )
  }

  /** Ends processes, unless they are down, and then starts them again. */
  restart({ names, byForce }: EndOptions, step: Step): Promise<readonly DaemonStatus[]> {
    return this.#changes.run("", () => {
      const { clients } = this.standing
      return restartDaemons(namedDaemons(names, this.#daemons), { byForce, step, clients })
    })
  }

  /** How everything stands now. */
  async status(): Promise<Status> {
    const { name } = this.#topology
    const [shared, all, wires] = await Promise.all([
      Promise.all(this.#shared.map((daemon) => daemon.status())),
      this.standing.status(),
      this.wires(),
    ])
    return { schemaVersion: 1, name, shared, ...all, wires }
  }

  /** What the clients say of their wires. */
  async wires(): Promise<WireStatus[]> {
    const wires = await Promise.all(this.standing.clients.map(wiresOf))
    return wires.flat()
  }

  /** What decides which endpoint a client gets. */
  selection(options: SelectionFactsOptions): Promise<SelectionFacts> {
    return selectionFacts(options, this.standing)
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.standing[Symbol.asyncDispose]()
    await this.#services?.[Symbol.asyncDispose]()
    await this.#registry?.[Symbol.asyncDispose]()
    await this.#identities?.[Symbol.asyncDispose]()
  }

  /** What serves all nodes. */
  get #shared(): readonly Daemon[] {
    return [this.#identities?.authority, this.#registry].filter((one) => one !== undefined)
  }

  get #daemons(): readonly Daemon[] {
    return [...this.#shared, ...byName(this.standing.daemons)]
  }

  get #domain(): Domain {
    if (!this.#services) throw new NsmError("INTERNAL", "the playground has not been started")
    return {
      services: this.#services,
      underlay: this.#underlay,
      registryUrl: this.#registryUrl,
      selection: this.#topology.selection,
      directory: this.#directory,
      settings: this.#identities?.settings ?? {},
    }
  }

  get #registryUrl(): string {
    return `tcp://${this.#underlay.address}:${registryPort}`
  }
}
