import { pathToFileURL } from "node:url"
import { NsmError, Serial } from "@nsm/sdk"
import { Links } from "../links/links.ts"
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
import { makeWire, type OpenEnd } from "./make-wire.ts"
import type { OwnedInterface } from "./owned-interfaces.ts"
import { aliasParts, forwarderWord, type Owner, ownedAlias } from "./owner.ts"
import { isIntact, reopen, type StandingWire } from "./standing-wire.ts"
import { StandingWires } from "./standing-wires.ts"
import { type LostEnd, WireCheck } from "./wire-check.ts"
import { WireMaker } from "./wire-maker.ts"
import { WireThread } from "./wire-thread.ts"
import { aliasKey, type Wire, wireKey } from "./wire.ts"

/** What was done to a wire. */
export interface WiringEvent {
  readonly action: "made" | "adopted" | "changed" | "removed"
  readonly kind: Wire["kind"]
  readonly ms: number
}

/** Where wires are made. */
export interface WiringOptions {
  /** The namespace of the tunnels' sockets; closed with the wiring. @default the own one */
  readonly node?: NetworkNamespace
  /** Under which the interfaces are marked as one's own. @default "forwarder" */
  readonly name?: string
  /** Whether wires stay at the end, for a later forwarder of this node to take over. @default false */
  readonly keepsWires?: boolean
  /** A program that calls `serveWireThread`, to make wires on a thread of its own. @default this thread */
  readonly thread?: URL
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
  readonly #thread: WireThread | undefined
  readonly #maker: WireMaker
  readonly #check: WireCheck
  /** One piece of work at a time for what belongs to one client's connection. */
  readonly #serial = new Serial()
  /** What the end has to wait for. */
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #node: NetworkNamespace
  readonly #keepsWires: boolean
  readonly #onEvent: (event: WiringEvent) => void
  #isEnding = false

  constructor({
    node = ownNamespace(),
    name = "forwarder",
    keepsWires = false,
    thread,
    onEvent = () => {},
  }: WiringOptions = {}) {
    this.#node = node
    this.#keepsWires = keepsWires
    this.#onEvent = onEvent
    this.owner = { forwarder: forwarderWord(name), node: node.inode.ino }
    const nodeExists = (inode: Inode): boolean => this.#finder.find(inode) !== undefined
    const isStanding: Wiring["isStanding"] = (one) => this.isStanding(one)
    this.#thread = thread && new WireThread(thread)
    this.#maker = new WireMaker({
      ...{ node, owner: this.owner, nodeExists, isStanding },
      makeWire: this.#thread?.make ?? makeWire,
    })
    const [standing, serial, finder] = [this.#standing, this.#serial, this.#finder]
    const letGo = (id: string): void => this.#letGo(id)
    this.#check = new WireCheck({ standing, serial, finder, node, letGo })
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
    return await this.#run(wireKey(wire), async () => {
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
    if (standing) await this.#run(wireKey(standing.wire), () => this.#remove(id))
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
    return this.#run(aliasKey(orphan.end), async () => {
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
    return this.#check.onLost(listener)
  }

  /** Looks whether all wires that stand are still there; answers the ends that are not. */
  look(): Promise<readonly LostEnd[]> {
    return this.#check.look()
  }

  /** Looks after a wire as soon as one of its interfaces goes, until the signal fires. */
  watch(signal: AbortSignal): Promise<void> {
    return this.#check.watch(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    await Promise.allSettled(this.#underWay)
    const ids = this.#keepsWires ? [] : this.#standing.ids
    const ended = await Promise.allSettled(ids.map((id) => this.remove(id)))
    await this.#thread?.[Symbol.asyncDispose]()
    this.#node[Symbol.dispose]()
    const failures = ended.flatMap((end) =>
      end.status === "rejected" ? [NsmError.from(end.reason)] : [],
    )
    if (failures.length === 0) return
    const text = `${failures.length} of ${ended.length} wires could not be removed`
    throw new NsmError("KERNEL_REFUSED", text, { cause: new AggregateError(failures, text) })
  }

  async #run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#serial.run(key, work)
    this.#underWay.add(running)
    try {
      return await running
    } finally {
      this.#underWay.delete(running)
    }
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
      for (const { namespace } of ends) this.#check.include(namespace)
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
    try {
      for (const end of standing.ends) {
        using namespace = reopen(end, this.#finder)
        if (!namespace || !isIntact({ ...end, namespace })) continue
        await new Links(namespace).delete(end.index)
        // the other end of a pair has gone along
        if (standing.wire.kind === "veth") break
      }
    } finally {
      // what the kernel does not give up now is nobody's, for whoever looks for that later
      this.#letGo(id)
    }
    this.#report("removed", standing.wire, since)
  }

  #letGo(id: string): void {
    const { ends = [] } = this.#standing.get(id) ?? {}
    this.#standing.delete(id)
    this.#forgetUnused(ends.map(({ inode }) => inode))
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
