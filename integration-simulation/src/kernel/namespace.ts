import type { Inode } from "@nsm/sdk-kernel"
import type { Interface } from "./interface.ts"

/** A workload's network namespace. */
export class Namespace {
  readonly url: string
  readonly inode: Inode
  /** Name of the node that it is on. */
  readonly host: string
  readonly #interfaces = new Map<string, Interface>()
  /** Whether nobody answers packets in it. */
  isHung = false

  constructor(url: string, inode: Inode, host: string) {
    this.url = url
    this.inode = inode
    this.host = host
  }

  get interfaces(): readonly Interface[] {
    return [...this.#interfaces.values()]
  }

  named(name: string): Interface | undefined {
    return this.#interfaces.get(name)
  }

  /** The interfaces with an alias; more than one is a defect of somebody's. */
  aliased(alias: string): readonly Interface[] {
    return this.interfaces.filter((one) => one.alias === alias)
  }

  add(one: Interface): void {
    this.#interfaces.set(one.name, one)
  }

  delete(one: Interface): void {
    if (this.#interfaces.get(one.name) === one) this.#interfaces.delete(one.name)
  }
}
