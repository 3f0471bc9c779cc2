import { pathToFileURL } from "node:url"
import { NsmError, Serial } from "@nsm/sdk"
import { linkEvents } from "../links/link-events.ts"
import { Links } from "../links/links.ts"
import { knowNamespace } from "../links/namespace-id.ts"
import { ownNamespace } from "../namespace/create-namespace.ts"
import { NamespaceFinder } from "../namespace/namespace-finder.ts"
import type { Inode } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { namespaceExists, openNamespace } from "../namespace/open-namespace.ts"
import type { FoundInterface, Interfaces } from "../networkservice/kernel.ts"
import type { WiredNamespace, Wires } from "../networkservice/cross-connect.ts"
import { transaction } from "../transaction.ts"
import { changeEnd } from "./change-end.ts"
import { hasSameLinks } from "./changes.ts"
import { LoopTurns } from "./loop-turns.ts"
import type { OpenEnd } from "./make-wire.ts"
import type { OwnedInterface } from "./owned-interfaces.ts"
import { aliasParts, forwarderWord, type Owner, ownedAlias } from "./owner.ts"
import { isIntact, lossOf, reopen, type StandingWire } from "./standing-wire.ts"
import { StandingWires } from "./standing-wires.ts"
import { WireMaker } from "./wire-maker.ts"
import type { Side, Wire } from "./wire.ts"

/** What was done to a wire. */
export interface WiringEvent {
  readonly action: "made" | "adopted" | "changed" | "removed"
  readonly kind: Wire["kind"]
  readonly ms: number
}

/** An end of a wire that stood and is not there any more, though its workload is. */
export interface LostEnd {
  readonly connectionId: string
  readonly side: Side
  readonly interface: string
  readonly why: string
}

/** Where wires are made. */
export interface WiringOptions {
  /** The namespace of the tunnels' sockets; closed with the wiring. @default the own one */
  readonly node?: NetworkNamespace
  /** Under which the interfaces are marked as one's own. @default "forwarder" */
  readonly name?: string
  /** Whether wires stay at the end, for a later forwarder of this node to take over. @default false */
  readonly keepsWires?: boolean
  /** Learns what was done and how long it took. */
  readonly onEvent?: (event: WiringEvent) => void
}

/**
 * The wires that one forwarder has made on its node, or taken over from an earlier one, each under the
 * id of its connection. It keeps no namespace open between calls: a workload that ends takes its
 * namespace along. Disposing it removes all wires, unless it keeps them.
 */
export class Wiring implements Wires, Interfaces, AsyncDisposable {
  readonly owner: Owner
  readonly #standing = new StandingWires()
  readonly #finder = new NamespaceFinder()
  readonly #maker: WireMaker
  readonly #turns = new LoopTurns()
  /** One piece of work at a time for what belongs to one client's connection. */
  readonly #serial = new Serial()
  readonly #listeners = new Set<(lost: LostEnd) => void>()
  readonly #node: NetworkNamespace
  readonly #keepsWires: boolean
  readonly #onEvent: (event: WiringEvent) => void
  #isWatching = false
  #isEnding = false

  constructor({
    node = ownNamespace(),
    name = "forwarder",
    keepsWires = false,
    onEvent = () => {},
  }: WiringOptions = {}) {
    this.#node = node
    this.#keepsWires = keepsWires
    this.#onEvent = onEvent
    this.owner = { forwarder: forwarderWord(name), node: node.inode.ino }
    const nodeExists = (inode: Inode): boolean => this.#finder.find(inode) !== undefined
    this.#maker = new WireMaker({ node, owner: this.owner, nodeExists })
  }

  async find(url: string, name: string): Promise<FoundInterface | undefined> {
    using namespace = openNamespace(url, { finder: this.#finder })
    const link = new Links(namespace).find(name)
    if (!link) return undefined
    const parts = aliasParts(link.alias)
    const alias = parts && this.#maker.isOurs(parts.owner) ? parts.end : undefined
    return { alias, vni: link.tunnel?.vni }
  }

  async apply(id: string, wire: Wire): Promise<readonly WiredNamespace[]> {
    // What the kernel does for one wire holds this thread up: answers go out before the next one.
    await this.#turns.next()
    return await this.#serial.run(keyOf(wire), async () => {
      if (this.#isEnding) throw new NsmError("SHUTTING_DOWN", "the forwarder is ending")
      using opened = new DisposableStack()
      const ends = wire.ends.map((end) => ({
        end,
        namespace: opened.use(openNamespace(end.namespace, { finder: this.#finder })),
      }))
      if (!(await this.#change(id, wire, ends))) await this.#make(id, wire, ends)
      return ends.map(({ end, namespace }) => ({ url: end.namespace, inode: namespace.inode }))
    })
  }

  async remove(id: string): Promise<void> {
    const standing = this.#standing.get(id)
    if (standing) await this.#serial.run(keyOf(standing.wire), () => this.#remove(id))
  }

  /** Whether a tunnel of another connection has that VXLAN identifier. */
  hasVni(vni: number, id?: string): boolean {
    const taken = ([other, { wire }]: readonly [string, StandingWire]): boolean =>
      other !== id && wire.kind === "vxlan" && wire.tunnel.vni === vni
    return this.#standing[Symbol.iterator]().some(taken)
  }

  /** Whether a namespace is still where a wire found it. */
  isThere({ url, inode }: WiredNamespace): boolean {
    return namespaceExists(url, inode, { finder: this.#finder })
  }

  /** How many wires stand. */
  get size(): number {
    return this.#standing.size
  }

  /** The wires that stand, by the id of their connection. */
  get wires(): ReadonlyMap<string, StandingWire> {
    return new Map(this.#standing)
  }

  /** Whether an interface belongs to a wire that stands. */
  isStanding({ inode, index }: Pick<OwnedInterface, "inode" | "index">): boolean {
    return this.#standing.idOf(inode, index) !== undefined
  }

  /** Removes an interface that no wire has any more; answers whether it is gone then. */
  removeOrphan(orphan: OwnedInterface): Promise<boolean> {
    return this.#serial.run(keyOfAlias(orphan.end), async () => {
      if (this.#isEnding || this.isStanding(orphan)) return false
      using namespace = openNamespace(pathToFileURL(orphan.path).href)
      const links = new Links(namespace)
      const { alias } = links.find(orphan.index) ?? {}
      if (alias === orphan.alias) await links.delete(orphan.index)
      return alias === undefined || alias === orphan.alias
    })
  }

  /** Learns of ends that were lost, each time that one is looked at. */
  onLost(listener: (lost: LostEnd) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Looks whether all wires that stand are still there; answers the ends that are not. */
  async look(): Promise<readonly LostEnd[]> {
    const lost: LostEnd[] = []
    for (const [id] of this.wires) {
      await this.#turns.next()
      lost.push(...(await this.#check(id)))
    }
    return lost
  }

  /** Looks after a wire as soon as one of its interfaces goes, until the signal fires. */
  async watch(signal: AbortSignal): Promise<void> {
    const events = linkEvents({ namespace: this.#node, signal, hearsOthers: true })
    this.#isWatching = true
    for (const { ends } of this.wires.values()) {
      for (const end of ends) {
        using namespace = reopen(end, this.#finder)
        if (namespace) knowNamespace(this.#node, namespace)
      }
    }
    for await (const event of events) {
      if (event.kind === "overrun") await this.look()
      if (event.kind !== "removed") continue
      const ids = this.#standing.named(aliasParts(event.link.alias)?.end ?? "")
      await Promise.all(ids.map((id) => this.#check(id)))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    const ids = this.#keepsWires ? [] : [...this.wires.keys()]
    const ended = await Promise.allSettled(ids.map((id) => this.remove(id)))
    this.#node[Symbol.dispose]()
    const failures = ended.flatMap((end) =>
      end.status === "rejected" ? [NsmError.from(end.reason)] : [],
    )
    if (failures.length === 0) return
    const text = `${failures.length} of ${ended.length} wires could not be removed`
    throw new NsmError("KERNEL_REFUSED", text, { cause: new AggregateError(failures, text) })
  }

  /** Changes the wire that stands, if its interfaces can stay and do; else answers false. */
  async #change(id: string, wire: Wire, ends: readonly OpenEnd[]): Promise<boolean> {
    const standing = this.#standing.get(id)
    if (!standing || !hasSameLinks(standing.wire, wire)) return false
    const pairs = standing.ends.flatMap((from, at) => {
      const to = ends[at]
      return to ? [{ ...from, namespace: to.namespace, to: to.end }] : []
    })
    if (!pairs.every(isIntact)) {
      // whatever happened to them, what was known of their namespaces is old
      for (const { namespace } of ends) this.#maker.forget(namespace.inode)
      return false
    }
    if (JSON.stringify(standing.wire) === JSON.stringify(wire)) return true
    const since = performance.now()
    await transaction(async (undo) => {
      for (const { namespace, index, end, to } of pairs) {
        const link = { index, name: end.name }
        undo(`change "${end.name}" back`, () => changeEnd(namespace, link, to, end))
        await changeEnd(namespace, link, end, to)
      }
    })
    this.#standing.set(id, {
      wire,
      ends: pairs.map(({ to, inode, index, alias }) => ({ end: to, inode, index, alias })),
    })
    this.#report("changed", wire, since)
    return true
  }

  async #make(id: string, wire: Wire, ends: readonly OpenEnd[]): Promise<void> {
    // one that stands otherwise is of no use: its other end or its tunnel is not asked for any more
    await this.#remove(id)
    const since = performance.now()
    try {
      const { action, links } = await this.#maker.make(wire, ends)
      for (const { namespace } of ends) this.#know(namespace)
      const made = ends.flatMap(({ end, namespace: { inode } }, at) => {
        const index = links[at]?.index
        const alias = ownedAlias(end.alias, this.owner)
        return index === undefined ? [] : [{ end, inode, index, alias }]
      })
      this.#standing.set(id, { wire, ends: made })
      this.#report(action, wire, since)
    } finally {
      this.#forgetUnused(ends.map(({ namespace }) => namespace.inode))
    }
  }

  async #remove(id: string): Promise<void> {
    const standing = this.#standing.get(id)
    if (!standing) return
    const since = performance.now()
    for (const end of standing.ends) {
      using namespace = reopen(end, this.#finder)
      if (!namespace || !isIntact({ ...end, namespace })) continue
      await new Links(namespace).delete(end.index)
      // the other end of a pair has gone along
      if (standing.wire.kind === "veth") break
    }
    this.#standing.delete(id)
    this.#forgetUnused(standing.ends.map(({ inode }) => inode))
    this.#report("removed", standing.wire, since)
  }

  /** Which ends of a wire have been lost. Those of a namespace that has gone are another's concern. */
  async #check(id: string): Promise<readonly LostEnd[]> {
    const standing = this.#standing.get(id)
    if (!standing) return []
    return await this.#serial.run(keyOf(standing.wire), async () => {
      const lost = (this.#standing.get(id)?.ends ?? []).flatMap((end): LostEnd[] => {
        using namespace = reopen(end, this.#finder)
        const why = namespace && lossOf({ ...end, namespace })
        const { side, name } = end.end
        return why === undefined ? [] : [{ connectionId: id, side, interface: name, why }]
      })
      for (const one of lost) for (const listener of this.#listeners) listener(one)
      return lost
    })
  }

  /** Has the node hear of what happens in a namespace. */
  #know(namespace: NetworkNamespace): void {
    if (this.#isWatching && !this.#standing.uses(namespace.inode)) {
      knowNamespace(this.#node, namespace)
    }
  }

  /** Namespaces without wires may change without being noticed, and they must not be remembered forever. */
  #forgetUnused(namespaces: readonly Inode[]): void {
    for (const namespace of namespaces) {
      if (!this.#standing.uses(namespace)) this.#maker.forget(namespace)
    }
  }

  #report(action: WiringEvent["action"], { kind }: Wire, since: number): void {
    this.#onEvent({ action, kind, ms: performance.now() - since })
  }
}

/** All ends of all wires of one client's connection have this in common. */
function keyOf({ ends: [{ alias }] }: Wire): string {
  return keyOfAlias(alias)
}

function keyOfAlias(alias: string): string {
  return alias.slice("server-".length)
}
