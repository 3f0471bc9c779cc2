import { writeFileSync } from "node:fs"
import { type Log, NsmError } from "@nsm/sdk"
import {
  type Link,
  linkEvents,
  type LinkEvent,
  Links,
  type NetworkNamespace,
} from "@nsm/sdk-kernel"
import type { Joint } from "./joint.ts"

/** Where bridges are, and whose they are. */
export interface BridgesOptions {
  /** Stays open for as long as this process runs. */
  readonly namespace: NetworkNamespace
  /** Name of the endpoint; what an earlier run under this name has left is known by it. */
  readonly owner: string
  readonly log: Log
  /** Ends the watch of the namespace. */
  readonly signal: AbortSignal
}

interface Kept {
  readonly ports: readonly string[]
  /** Whether a connection of this run needs it. */
  readonly isNeeded: boolean
}

/**
 * The bridges of a namespace that join wires. Forwarders make and replace wires when they see fit:
 * an interface becomes a port whenever it appears. Bridges of an earlier run go on carrying packets
 * until their connections are asked for again, or are gone.
 */
export class Bridges {
  readonly #namespace: NetworkNamespace
  readonly #links: Links
  readonly #alias: string
  readonly #log: Log
  readonly #events: AsyncIterable<LinkEvent>
  readonly #kept = new Map<string, Kept>()
  /** Which bridge an interface belongs to, the bridge itself too. */
  readonly #bridgeOf = new Map<string, string>()

  constructor({ namespace, owner, log, signal }: BridgesOptions) {
    this.#namespace = namespace
    this.#links = new Links(namespace)
    this.#alias = `passthrough-${owner}`
    this.#log = log
    this.#events = linkEvents({ namespace, signal })
    this.#adopt()
  }

  /** Keeps bridges and ports together until the signal fires. */
  async follow(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((bridge) => this.#tend(bridge)))
    for await (const event of this.#events) {
      if (event.kind === "overrun") for (const bridge of this.#kept.keys()) await this.#tend(bridge)
      else await this.#tend(this.#bridgeOf.get(event.link.name))
    }
  }

  /** Joins two interfaces, each as soon as it is there. Harmless when they are joined. */
  join({ bridge, ports }: Joint): void {
    this.#keep(bridge, { ports, isNeeded: true })
    this.#connect(bridge, ports)
  }

  /** Takes a bridge away. Harmless when there is none. */
  async part(bridge: string): Promise<void> {
    const { ports = [] } = this.#kept.get(bridge) ?? {}
    this.#kept.delete(bridge)
    for (const name of [bridge, ...ports]) this.#bridgeOf.delete(name)
    await this.#links.delete(bridge)
  }

  /** How many bridges there are. */
  get size(): number {
    return this.#kept.size
  }

  #adopt(): void {
    const links = this.#links.list()
    for (const { name, index, kind, alias } of links) {
      if (kind !== "bridge" || alias !== this.#alias) continue
      const ports = links.filter((link) => link.bridge === index).map((link) => link.name)
      this.#keep(name, { ports, isNeeded: false })
    }
  }

  #keep(bridge: string, kept: Kept): void {
    this.#kept.set(bridge, kept)
    for (const name of [bridge, ...kept.ports]) this.#bridgeOf.set(name, bridge)
  }

  async #tend(bridge = ""): Promise<void> {
    const kept = this.#kept.get(bridge)
    if (!kept) return
    try {
      if (kept.isNeeded) this.#connect(bridge, kept.ports)
      else if (!kept.ports.some((port) => this.#links.find(port))) await this.part(bridge)
    } catch (failure) {
      // Another event follows when what was found a moment ago has gone.
      const { reason, message } = NsmError.from(failure)
      const level = reason === "LINK_NOT_FOUND" ? "debug" : "error"
      this.#log[level]("wires could not be joined", { bridge, why: message })
    }
  }

  #connect(bridge: string, ports: readonly string[]): void {
    const { index } = this.#links.find(bridge) ?? this.#make(bridge)
    for (const port of ports) {
      const link = this.#links.find(port)
      if (!link || link.bridge === index) continue
      this.#links.change(link.index, { bridge: index })
      this.#silence(port)
    }
  }

  #make(bridge: string): Link {
    const link = this.#links.createBridge({ name: bridge })
    this.#silence(bridge)
    this.#links.change(link.index, { alias: this.#alias, isUp: true })
    return link
  }

  /** An interface without addresses has nothing to say on the wire: no solicitation, no report. */
  #silence(name: string): void {
    try {
      const file = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`
      this.#namespace.run(() => writeFileSync(file, "1"))
    } catch {
      // Frames pass all the same.
    }
  }
}
