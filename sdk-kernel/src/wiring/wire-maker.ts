import { NsmError } from "@nsm/sdk"
import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import type { Inode } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { Ipv6Switches } from "./ipv6-switches.ts"
import { Leftovers } from "./leftovers.ts"
import type { MakeWire, OpenEnd } from "./make-wire.ts"
import { type AliasParts, type Owner, ownedAlias } from "./owner.ts"
import { type FoundEnd, isSameWire } from "./same-wire.ts"
import { takeOver } from "./take-over.ts"
import type { Wire } from "./wire.ts"

/** How a wire came to stand. */
export interface MadeWire {
  readonly action: "made" | "adopted"
  /** The interfaces, in the order of the wire's ends. */
  readonly links: readonly Link[]
}

/** Who makes wires, and where. */
export interface WireMakerOptions {
  /** Where tunnels have their sockets. */
  readonly node: NetworkNamespace
  readonly owner: Owner
  /** Whether the network of a node is still there, by its inode. */
  readonly nodeExists: (inode: Inode) => boolean
  /** Whether an interface belongs to a wire that stands. */
  readonly isStanding: (one: { readonly inode: Inode; readonly index: number }) => boolean
  readonly makeWire: MakeWire
}

/** Makes wires in the kernel, or takes over what an earlier forwarder of the node left there. */
export class WireMaker {
  readonly #node: NetworkNamespace
  readonly #owner: Owner
  readonly #nodeExists: WireMakerOptions["nodeExists"]
  readonly #isStanding: WireMakerOptions["isStanding"]
  readonly #makeWire: MakeWire
  readonly #ipv6 = new Ipv6Switches()
  readonly #leftovers = new Leftovers((owner) => this.isOurs(owner))

  constructor({ node, owner, nodeExists, isStanding, makeWire }: WireMakerOptions) {
    this.#node = node
    this.#owner = owner
    this.#nodeExists = nodeExists
    this.#isStanding = isStanding
    this.#makeWire = makeWire
  }

  /** Whether the interface of a wire that is asked for may be touched here, by its owner. */
  isOurs(owner: AliasParts["owner"]): boolean {
    if (owner === undefined || owner.node === this.#owner.node) return true
    return !this.#nodeExists({ dev: this.#node.inode.dev, ino: owner.node })
  }

  /** Has a wire stand that does not stand yet. */
  async make(wire: Wire, ends: readonly OpenEnd[]): Promise<MadeWire> {
    const adopted = await this.#adopt(wire, ends)
    if (adopted) return adopted
    try {
      return await this.#makeNew(wire, ends)
    } catch (failure) {
      return await this.#overcome(failure, wire, ends)
    }
  }

  /** What is known of a namespace may not be so any more. */
  forget(namespace: Inode): void {
    this.#leftovers.forget(namespace)
    this.#ipv6.forget(namespace)
  }

  async #makeNew(wire: Wire, ends: readonly OpenEnd[]): Promise<MadeWire> {
    const owned = ends.map(({ end, namespace }) => ({
      end: { ...end, alias: ownedAlias(end.alias, this.#owner) },
      namespace,
      hasIpv6: !this.#ipv6.isOff(namespace),
    }))
    return { action: "made", links: await this.#makeWire(wire, owned, this.#node) }
  }

  /** Takes over what is left, if it is this wire; else removes it. */
  async #adopt(wire: Wire, ends: readonly OpenEnd[]): Promise<MadeWire | undefined> {
    const left = this.#leftovers.find(ends)
    const found = ends.flatMap((end, at): FoundEnd[] => {
      const link = left[at]
      return link ? [{ ...end, link }] : []
    })
    if (found.length === 0) return undefined
    if (isSameWire(wire, found, this.#node)) {
      await takeOver(found, this.#owner)
      return { action: "adopted", links: found.map(({ link }) => link) }
    }
    // one after the other: what is left of a pair goes with its first end
    for (const { end, namespace, link } of found) {
      // in its own namespace a client may replace what it has; elsewhere it may be a namesake's
      const { inode } = namespace
      if (end.side === "endpoint" && this.#isStanding({ inode, index: link.index })) continue
      const links = new Links(namespace)
      if (links.find(link.index)?.alias === link.alias) await links.delete(link.index)
    }
    return undefined
  }

  /** Makes it after all, if something can be done about what went wrong. */
  async #overcome(failure: unknown, wire: Wire, ends: readonly OpenEnd[]): Promise<MadeWire> {
    switch (NsmError.from(failure).reason) {
      case "INTERFACE_NAME_TAKEN":
      case "KERNEL_REFUSED": {
        // what came since the namespaces were first met may be in the way
        for (const { namespace } of ends) this.forget(namespace.inode)
        if (this.#leftovers.find(ends).every((link) => link === undefined)) throw failure
        return (await this.#adopt(wire, ends)) ?? (await this.#makeNew(wire, ends))
      }
      case "KERNEL_FEATURE_MISSING": {
        for (const { namespace } of ends) this.#ipv6.lookUp(namespace)
        if (!ends.some(({ namespace }) => this.#ipv6.isOff(namespace))) throw failure
        return await this.#makeNew(wire, ends)
      }
      default:
        throw failure
    }
  }
}
