import type { Serial } from "@nsm/sdk"
import { linkEvents } from "../links/link-events.ts"
import { knowNamespace } from "../links/namespace-id.ts"
import type { NamespaceFinder } from "../namespace/namespace-finder.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { LoopTurns } from "./loop-turns.ts"
import { aliasParts } from "./owner.ts"
import { isTakenOver, lossOf, reopen } from "./standing-wire.ts"
import type { StandingWires } from "./standing-wires.ts"
import { type Side, wireKey } from "./wire.ts"

/** An end of a wire that stood and is not there any more, though its workload is. */
export interface LostEnd {
  readonly connectionId: string
  readonly side: Side
  readonly interface: string
  readonly why: string
}

/** Which wires are looked after, and how not to look while they are worked on. */
export interface WireCheckOptions {
  readonly standing: StandingWires
  /** Has one thing done at a time with what belongs to one client's connection. */
  readonly serial: Serial
  readonly finder: NamespaceFinder
  readonly node: NetworkNamespace
  /** Is told of a wire that another forwarder has taken over. */
  readonly letGo: (id: string) => void
}

/** Looks whether the wires that stand are still there: all of them, or those of which a link has gone. */
export class WireCheck {
  readonly #in: WireCheckOptions
  readonly #turns = new LoopTurns()
  readonly #listeners = new Set<(lost: LostEnd) => void>()
  #isWatching = false

  constructor(options: WireCheckOptions) {
    this.#in = options
  }

  /** Learns of ends that were lost, each time that one is looked at. */
  onLost(listener: (lost: LostEnd) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Looks at all; answers the ends that are not there. */
  async look(): Promise<readonly LostEnd[]> {
    const lost: LostEnd[] = []
    for (const id of this.#in.standing.ids) {
      await this.#turns.next()
      lost.push(...(await this.#check(id)))
    }
    return lost
  }

  /** Looks after a wire as soon as one of its interfaces goes, until the signal fires. */
  async watch(signal: AbortSignal): Promise<void> {
    const { node, standing, finder } = this.#in
    const events = linkEvents({ namespace: node, signal, hearsOthers: true, onlyRemovals: true })
    this.#isWatching = true
    for (const [, { ends }] of standing) {
      for (const end of ends) {
        using namespace = reopen(end, finder)
        if (namespace) knowNamespace(node, namespace)
      }
    }
    for await (const event of events) {
      if (event.kind === "overrun") await this.look()
      if (event.kind !== "removed") continue
      const ids = standing.named(aliasParts(event.link.alias)?.end ?? "")
      await Promise.all(ids.map((id) => this.#check(id)))
    }
  }

  /** Has the node hear of what happens in a namespace, for a wire that will stand there. */
  include(namespace: NetworkNamespace): void {
    const { node, standing } = this.#in
    if (this.#isWatching && !standing.uses(namespace.inode)) knowNamespace(node, namespace)
  }

  /** Which ends of a wire have been lost. Those of a namespace that has gone are another's concern. */
  async #check(id: string): Promise<readonly LostEnd[]> {
    const { standing, serial, finder, letGo } = this.#in
    const known = standing.get(id)
    if (!known) return []
    return await serial.run(wireKey(known.wire), async () => {
      let isElsewhere = false
      const lost = (standing.get(id)?.ends ?? []).flatMap((end): LostEnd[] => {
        using namespace = reopen(end, finder)
        const why = namespace && lossOf({ ...end, namespace })
        if (!namespace || why === undefined) return []
        isElsewhere ||= isTakenOver({ ...end, namespace })
        const { side, name } = end.end
        return [{ connectionId: id, side, interface: name, why }]
      })
      // the connection lives on through another forwarder
      if (isElsewhere) {
        letGo(id)
        return []
      }
      for (const one of lost) for (const listener of this.#listeners) listener(one)
      return lost
    })
  }
}
