import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import { NamespaceUses } from "./namespace-uses.ts"
import type { StandingWire } from "./standing-wire.ts"

/** The wires that stand, by the id of their connection, by their ends and by their interfaces. */
export class StandingWires {
  readonly #wires = new Map<string, StandingWire>()
  readonly #byInterface = new Map<string, string>()
  readonly #byAlias = new Map<string, Set<string>>()
  readonly #uses = new NamespaceUses()

  get(id: string): StandingWire | undefined {
    return this.#wires.get(id)
  }

  /** Notes a wire, instead of what the id had, and of what had its interfaces. */
  set(id: string, standing: StandingWire): void {
    for (const { inode, index } of standing.ends) {
      const other = this.idOf(inode, index)
      if (other !== undefined) this.delete(other)
    }
    this.delete(id)
    this.#wires.set(id, standing)
    for (const { end, inode, index } of standing.ends) {
      this.#uses.add(inode)
      this.#byInterface.set(interfaceKey(inode, index), id)
      const named = this.#byAlias.get(end.alias) ?? new Set()
      this.#byAlias.set(end.alias, named.add(id))
    }
  }

  delete(id: string): void {
    const standing = this.#wires.get(id)
    if (!standing) return
    this.#wires.delete(id)
    for (const { end, inode, index } of standing.ends) {
      this.#uses.delete(inode)
      this.#byInterface.delete(interfaceKey(inode, index))
      const named = this.#byAlias.get(end.alias)
      named?.delete(id)
      if (named?.size === 0) this.#byAlias.delete(end.alias)
    }
  }

  /** Whose wire an interface is of. */
  idOf(inode: Inode, index: number): string | undefined {
    return this.#byInterface.get(interfaceKey(inode, index))
  }

  /** Whose wires have an end of that alias. */
  named(alias: string): readonly string[] {
    return [...(this.#byAlias.get(alias) ?? [])]
  }

  /** Whether a wire ends in a namespace. */
  uses(namespace: Inode): boolean {
    return this.#uses.has(namespace)
  }

  /** The ids of all connections that have a wire now. */
  get ids(): readonly string[] {
    return [...this.#wires.keys()]
  }

  get size(): number {
    return this.#wires.size
  }

  [Symbol.iterator](): MapIterator<[id: string, standing: StandingWire]> {
    return this.#wires[Symbol.iterator]()
  }
}

function interfaceKey(inode: Inode, index: number): string {
  return `${inodeUrl(inode)} ${index}`
}
