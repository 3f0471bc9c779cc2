import { type Clock, type Random, sleep } from "@nsm/sdk"
import type {
  ForwarderWiring,
  FoundInterface,
  LostEnd,
  ReconciledWires,
  Wire,
  WiredNamespace,
} from "@nsm/sdk-kernel"
import type { Interface } from "./interface.ts"
import type { Kernel } from "./kernel.ts"
import { adopted, intact, linksOf, made } from "./sim-wire.ts"

/** Whose wires, and on which kernel. */
export interface SimWiringOptions {
  readonly kernel: Kernel
  /** By which a later run of the forwarder knows its own. */
  readonly owner: ReconciledWires["owner"]
  readonly clock: Clock
  readonly random: Random
  /** Fires when the forwarder has died, which then changes nothing any more. */
  readonly signal: AbortSignal
}

interface Standing {
  readonly wire: Wire
  readonly interfaces: readonly Interface[]
}

type Owned = Parameters<ReconciledWires["removeOrphan"]>[0]

/** The wires of one run of a forwarder, on the model of the kernel, with the manners of `Wiring`. */
export class SimWiring implements ForwarderWiring, ReconciledWires {
  readonly owner: ReconciledWires["owner"]
  readonly #standing = new Map<string, Standing>()
  readonly #listeners = new Set<(lost: LostEnd) => void>()
  readonly #options: SimWiringOptions

  constructor(options: SimWiringOptions) {
    this.owner = options.owner
    this.#options = options
    const { kernel, signal } = options
    const watch = kernel.onEvent((what, one) => void (what === "removed" && this.#noteLoss(one)))
    signal.addEventListener("abort", () => watch[Symbol.dispose](), { once: true })
  }

  async find(url: string, name: string): Promise<FoundInterface | undefined> {
    const found = this.#options.kernel.open(url).named(name)
    if (!found) return undefined
    const { alias, owner, tunnel } = found
    return { alias: owner === this.owner.forwarder ? alias : undefined, vni: tunnel?.vni }
  }

  async apply(id: string, wire: Wire): Promise<readonly WiredNamespace[]> {
    await this.#work()
    const { kernel } = this.#options
    const namespaces = wire.ends.map(({ namespace }) => kernel.open(namespace))
    const before = this.#standing.get(id)
    const isSame = before && linksOf(before.wire) === linksOf(wire)
    const maker = { kernel, owner: this.owner.forwarder }
    const kept = isSame ? intact(before.interfaces, kernel) : adopted(wire, maker)
    if (!kept && before) this.#delete(id, before)
    const interfaces = kept ?? made(wire, maker)
    for (const [at, one] of interfaces.entries()) one.setup = wire.ends[at] ?? one.setup
    this.#standing.set(id, { wire, interfaces })
    return namespaces.map(({ url, inode }) => ({ url, inode }))
  }

  async remove(id: string): Promise<void> {
    if (!this.#standing.has(id)) return
    await this.#work()
    const standing = this.#standing.get(id)
    if (standing) this.#delete(id, standing)
  }

  hasVni(vni: number, id?: string): boolean {
    return this.#standing
      .entries()
      .some(([other, { wire }]) => other !== id && wire.kind === "vxlan" && wire.tunnel.vni === vni)
  }

  isThere({ url, inode }: WiredNamespace): boolean {
    return this.#options.kernel.find(url)?.inode.ino === inode.ino
  }

  onLost(listener: (lost: LostEnd) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  get wires(): ReconciledWires["wires"] {
    const wires = [...this.#standing].map(([id, { wire, interfaces }]) => {
      const ends = interfaces.map(({ namespace: { inode }, index, alias, setup: end }) => {
        return { end, inode, index, alias }
      })
      return [id, { wire, ends }] as const
    })
    return new Map(wires)
  }

  async look(): Promise<readonly LostEnd[]> {
    const { kernel } = this.#options
    const all = [...this.#standing.values()].flatMap(({ interfaces }) => interfaces)
    return all.filter((one) => !kernel.isThere(one)).flatMap((one) => this.#noteLoss(one))
  }

  isStanding({ index }: { readonly index: number }): boolean {
    return this.#standing
      .values()
      .some(({ interfaces }) => interfaces.some((one) => one.index === index))
  }

  async removeOrphan({ index }: Owned): Promise<boolean> {
    await this.#work()
    if (this.isStanding({ index })) return false
    const { kernel } = this.#options
    const found = kernel.interfaces.find((one) => one.index === index)
    if (found) kernel.delete(found)
    return true
  }

  /** What this forwarder made, or an earlier run of it. */
  get owned(): readonly Owned[] {
    const { kernel } = this.#options
    return kernel.interfaces
      .filter(({ owner }) => owner === this.owner.forwarder)
      .map(({ namespace: { url: path, inode }, index, name, alias }) => {
        return { path, inode, index, name, alias, end: alias, owner: this.owner }
      })
  }

  /** The kernel takes its time, and whoever dies meanwhile does nothing more. */
  async #work(): Promise<void> {
    const { clock, random, signal } = this.#options
    signal.throwIfAborted()
    await sleep(clock, 1 + random.integer(5000) / 1000, signal)
  }

  #delete(id: string, { interfaces }: Standing): void {
    const { kernel } = this.#options
    this.#standing.delete(id)
    for (const one of interfaces) if (kernel.isThere(one)) kernel.delete(one)
  }

  /** Tells of an interface that went though its workload is there. */
  #noteLoss(one: Interface): readonly LostEnd[] {
    const { kernel } = this.#options
    const id = [...this.#standing].find(([, { interfaces }]) => interfaces.includes(one))?.[0]
    if (id === undefined || kernel.find(one.namespace.url) !== one.namespace) return []
    const why = "the interface has been deleted"
    const lost = { connectionId: id, side: one.setup.side, interface: one.name, why }
    for (const listener of this.#listeners) listener(lost)
    return [lost]
  }
}
