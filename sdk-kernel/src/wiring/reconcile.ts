import { type Clock, type Log, Serial, sleep } from "@nsm/sdk"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import { type Audit, auditOf } from "./audit.ts"
import { type OwnedInterface, ownedInterfaces } from "./owned-interfaces.ts"
import type { Owner } from "./owner.ts"
import type { Presence } from "./presence.ts"
import type { StandingWire } from "./standing-wire.ts"
import type { LostEnd } from "./wire-check.ts"

/** The wires that are compared with what the kernel holds; `Wiring` is it. */
export interface ReconciledWires {
  readonly owner: Owner
  readonly wires: ReadonlyMap<string, StandingWire>
  look(): Promise<readonly LostEnd[]>
  isStanding(one: { readonly inode: Inode; readonly index: number }): boolean
  removeOrphan(orphan: OwnedInterface): Promise<boolean>
}

/** What is needed for comparing. */
export interface ReconcileDeps {
  readonly wires: ReconciledWires
  readonly presence: Pick<Presence, "claim" | "running">
  readonly clock: Clock
  readonly log: Log
  /** All that forwarders made on this machine. @default looks into all visible namespaces */
  readonly interfaces?: () => Promise<readonly OwnedInterface[]>
}

/** How often is compared, and what follows. */
export interface ReconcileOptions {
  /** Time from one look to the next. @default 60000 */
  readonly intervalMs?: number
  /**
   * How long an interface stays that no connection owns. Whoever lives has refreshed its connection
   * by then. @default 600000
   */
  readonly graceMs?: number
}

/** An interface that no connection owns. */
export interface Orphan extends OwnedInterface {
  /** When it was first seen without one. */
  readonly since: number
  readonly removedAt?: number
}

/** How many orphans that were removed are remembered. */
const mostRemoved = 100

/**
 * Compares what this node's forwarders have in the kernel with what live connections own. It tells of
 * wires that are missing, and removes what no connection has owned for a while: never what another
 * node's forwarder made, nor another one that runs on this node, nor what is no wire at all.
 */
export class Reconcile {
  readonly #deps: Required<ReconcileDeps>
  readonly #intervalMs: number
  readonly #graceMs: number
  readonly #serial = new Serial()
  #orphans: ReadonlyMap<string, Orphan> = new Map()
  #removed: readonly Orphan[] = []
  #isAlone = true
  #auditing: Promise<Audit> | undefined

  constructor({
    interfaces = ownedInterfaces,
    intervalMs = 60_000,
    graceMs = 600_000,
    ...deps
  }: ReconcileDeps & ReconcileOptions) {
    this.#deps = { interfaces, ...deps }
    this.#intervalMs = intervalMs
    this.#graceMs = graceMs
  }

  /** Compares and cleans up, now and then, until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps
    while (!signal.aborted) {
      await this.once().catch((failure: unknown) => {
        // what is looked into goes away at the end
        if (signal.aborted) return
        log.warn("the wires could not be compared with the kernel", { error: failure })
      })
      await sleep(clock, this.#intervalMs, signal).catch(() => {})
    }
  }

  /** Compares once, and removes what has been an orphan for long enough. */
  async once(): Promise<void> {
    await this.#serial.run("", async () => {
      await this.#look()
      await this.#clean()
    })
  }

  /**
   * How the kernel and the connections differ now. Removes nothing. All who ask before the answer is
   * there get the same one: a look takes long, and however many ask, no more than one is under way.
   */
  audit(): Promise<Audit> {
    this.#auditing ??= this.#serial
      .run("", () => this.#audit())
      .finally(() => (this.#auditing = undefined))
    return this.#auditing
  }

  async #audit(): Promise<Audit> {
    const missing = await this.#look()
    const orphans = [...this.#removed, ...this.#orphans.values()]
    return auditOf({ wires: this.#deps.wires.wires, orphans, missing })
  }

  async #look(): Promise<readonly LostEnd[]> {
    const { wires, interfaces, clock } = this.#deps
    const missing = await wires.look()
    const orphans = new Map<string, Orphan>()
    const isOurs = this.#ours()
    for (const one of await interfaces()) {
      if (!isOurs(one.owner) || wires.isStanding(one)) continue
      const key = `${inodeUrl(one.inode)} ${one.index} ${one.alias}`
      orphans.set(key, { ...one, since: this.#orphans.get(key)?.since ?? clock.now() })
    }
    this.#orphans = orphans
    return missing
  }

  /** Whose interfaces are this one's concern: its own, and those of who does not run any more. */
  #ours(): (owner: Owner) => boolean {
    const { wires, presence, log } = this.#deps
    const isAlone = presence.claim()
    if (!isAlone && this.#isAlone) {
      const { forwarder: name } = wires.owner
      log.warn("another forwarder of this node has the same name: orphans are left to it", { name })
    }
    this.#isAlone = isAlone
    const { forwarder: own, node } = wires.owner
    const others = presence.running()
    return ({ forwarder, node: where }) =>
      isAlone && where === node && (forwarder === own || !others.has(forwarder))
  }

  async #clean(): Promise<void> {
    const { clock } = this.#deps
    const left = new Map(this.#orphans)
    for (const [key, orphan] of left) {
      if (clock.now() - orphan.since < this.#graceMs || !(await this.#isRemoved(orphan))) continue
      left.delete(key)
      this.#removed = [...this.#removed, { ...orphan, removedAt: clock.now() }].slice(-mostRemoved)
    }
    this.#orphans = left
  }

  async #isRemoved(orphan: Orphan): Promise<boolean> {
    const { wires, log } = this.#deps
    const { name, alias, inode } = orphan
    const about = { interface: name, alias, namespace: inodeUrl(inode) }
    try {
      if (!(await wires.removeOrphan(orphan))) return false
      log.info("an interface is removed that no connection owns", about)
      return true
    } catch (failure) {
      log.warn("an interface that no connection owns is not removed", { ...about, error: failure })
      return false
    }
  }
}
