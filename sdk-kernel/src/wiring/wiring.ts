import { NsmError } from "@nsm/sdk"
import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { ownNamespace } from "../namespace/create-namespace.ts"
import { NamespaceFinder } from "../namespace/namespace-finder.ts"
import type { Inode } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { namespaceExists, openNamespace } from "../namespace/open-namespace.ts"
import type { Interfaces } from "../networkservice/kernel.ts"
import type { WiredNamespace, Wires } from "../networkservice/cross-connect.ts"
import { transaction } from "../transaction.ts"
import { changeEnd } from "./change-end.ts"
import { hasSameLinks } from "./changes.ts"
import { Leftovers } from "./leftovers.ts"
import { makeWire, type OpenEnd } from "./make-wire.ts"
import { NamespaceUses } from "./namespace-uses.ts"
import { Ipv6Switches } from "./ipv6-switches.ts"
import { isIntact, reopen, type StandingWire } from "./standing-wire.ts"
import { LoopTurns } from "./loop-turns.ts"
import type { Wire } from "./wire.ts"

/** What was done to a wire. */
export interface WiringEvent {
  readonly action: "made" | "changed" | "removed"
  readonly kind: Wire["kind"]
  readonly ms: number
}

/** Where wires are made. */
export interface WiringOptions {
  /** The namespace of the tunnels' sockets; closed with the wiring. @default the own one */
  readonly node?: NetworkNamespace
  /** Learns what was done and how long it took. */
  readonly onEvent?: (event: WiringEvent) => void
}

/**
 * The wires that one forwarder has made on its node, each under the id of its connection. It keeps
 * no namespace open between calls: a workload that ends takes its namespace along. For one id only
 * one call may run at a time, which `begin` sees to. Disposing it removes all wires.
 */
export class Wiring implements Wires, Interfaces, AsyncDisposable {
  readonly #standing = new Map<string, StandingWire>()
  readonly #finder = new NamespaceFinder()
  readonly #leftovers = new Leftovers()
  readonly #ipv6 = new Ipv6Switches()
  readonly #uses = new NamespaceUses()
  readonly #turns = new LoopTurns()
  readonly #node: NetworkNamespace
  readonly #onEvent: (event: WiringEvent) => void
  #isEnding = false

  constructor({ node = ownNamespace(), onEvent = () => {} }: WiringOptions = {}) {
    this.#node = node
    this.#onEvent = onEvent
  }

  async find(
    url: string,
    name: string,
  ): Promise<{ readonly alias: string | undefined } | undefined> {
    using namespace = openNamespace(url, { finder: this.#finder })
    return new Links(namespace).find(name)
  }

  async apply(id: string, wire: Wire): Promise<readonly WiredNamespace[]> {
    // What the kernel does for one wire holds this thread up: answers go out before the next one.
    await this.#turns.next()
    if (this.#isEnding) throw new NsmError("SHUTTING_DOWN", "the forwarder is ending")
    using opened = new DisposableStack()
    const ends = wire.ends.map((end) => ({
      end,
      namespace: opened.use(openNamespace(end.namespace, { finder: this.#finder })),
    }))
    if (!(await this.#change(id, wire, ends))) await this.#make(id, wire, ends)
    return ends.map(({ end, namespace }) => ({ url: end.namespace, inode: namespace.inode }))
  }

  async remove(id: string): Promise<void> {
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
    for (const { inode } of standing.ends) this.#uses.delete(inode)
    this.#forgetUnused(standing.ends.map(({ inode }) => inode))
    this.#report("removed", standing.wire, since)
  }

  /** Whether a tunnel of another connection has that VXLAN identifier. */
  hasVni(vni: number, id?: string): boolean {
    return this.#standing
      .entries()
      .some(([other, { wire }]) => other !== id && wire.kind === "vxlan" && wire.tunnel.vni === vni)
  }

  /** Whether a namespace is still where a wire found it. */
  isThere({ url, inode }: WiredNamespace): boolean {
    return namespaceExists(url, inode, { finder: this.#finder })
  }

  /** How many wires stand. */
  get size(): number {
    return this.#standing.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    const removals = [...this.#standing.keys()].map((id) => this.remove(id))
    const ended = await Promise.allSettled(removals)
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
    if (!pairs.every(isIntact)) return false
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
      ends: pairs.map(({ to, inode, index }) => ({ end: to, inode, index })),
    })
    this.#report("changed", wire, since)
    return true
  }

  async #make(id: string, wire: Wire, ends: readonly OpenEnd[]): Promise<void> {
    // one that stands otherwise is of no use: its other end or its tunnel is not asked for any more
    await this.remove(id)
    const since = performance.now()
    let links: readonly Link[]
    try {
      await this.#clear(ends)
      links = await this.#madeAnyway(wire, ends)
    } catch (failure) {
      this.#forgetUnused(ends.map(({ namespace }) => namespace.inode))
      throw failure
    }
    const made = ends.flatMap(({ end, namespace: { inode } }, at) => {
      const index = links[at]?.index
      return index === undefined ? [] : [{ end, inode, index }]
    })
    this.#standing.set(id, { wire, ends: made })
    for (const { inode } of made) this.#uses.add(inode)
    this.#report("made", wire, since)
  }

  /** Makes a wire; what came into the namespaces since they were first met may be in its way. */
  async #madeAnyway(wire: Wire, ends: readonly OpenEnd[]): Promise<readonly Link[]> {
    const surroundings = { node: this.#node, ipv6: this.#ipv6 }
    try {
      return await makeWire(wire, ends, surroundings)
    } catch (failure) {
      if (!(await this.#overcomes(failure, ends))) throw failure
      return await makeWire(wire, ends, surroundings)
    }
  }

  /** Whether something can be done about a failure, and has been. */
  async #overcomes(failure: unknown, ends: readonly OpenEnd[]): Promise<boolean> {
    switch (NsmError.from(failure).reason) {
      case "INTERFACE_NAME_TAKEN":
      case "KERNEL_REFUSED":
        for (const { namespace } of ends) this.#forget(namespace.inode)
        return await this.#clear(ends)
      case "KERNEL_FEATURE_MISSING": {
        for (const { namespace } of ends) this.#ipv6.lookUp(namespace)
        return ends.some(({ namespace }) => this.#ipv6.isOff(namespace))
      }
      default:
        return false
    }
  }

  /** Removes what an earlier forwarder left for this wire; answers whether there was something. */
  async #clear(ends: readonly OpenEnd[]): Promise<boolean> {
    let isCleared = false
    // one after the other: what is left of a pair goes with its first end
    for (const end of ends) isCleared = (await this.#leftovers.clear(end)) || isCleared
    return isCleared
  }

  /** Namespaces without wires may change without being noticed, and they must not be remembered forever. */
  #forgetUnused(namespaces: readonly Inode[]): void {
    for (const namespace of namespaces) if (!this.#uses.has(namespace)) this.#forget(namespace)
  }

  #forget(namespace: Inode): void {
    this.#leftovers.forget(namespace)
    this.#ipv6.forget(namespace)
  }

  #report(action: WiringEvent["action"], { kind }: Wire, since: number): void {
    this.#onEvent({ action, kind, ms: performance.now() - since })
  }
}
