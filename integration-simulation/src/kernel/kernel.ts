import { NsmError } from "@nsm/sdk"
import type { Underlay } from "../world/underlay.ts"
import type { Tunnel } from "@nsm/sdk-kernel"
import type { Interface } from "./interface.ts"
import { Namespace } from "./namespace.ts"

/** What the kernel tells of. */
export type KernelListener = (what: "made" | "removed", one: Interface) => void

/** What the kernels of all nodes hold. It outlives every process, and knows none. */
export class Kernel {
  readonly #namespaces = new Map<string, Namespace>()
  readonly #underlay: Underlay
  readonly #listeners = new Set<KernelListener>()
  /** Ends of tunnels, by where they lead and by their node's number for them. */
  readonly #tunnels = new Map<string, Interface>()
  #inodes = 4026531840
  #indexes = 0

  constructor({ underlay }: { underlay: Underlay }) {
    this.#underlay = underlay
  }

  /** Hears of what comes and goes. */
  onEvent(listener: KernelListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** A number that no interface has. */
  get nextIndex(): number {
    return ++this.#indexes
  }

  get namespaces(): readonly Namespace[] {
    return [...this.#namespaces.values()]
  }

  get interfaces(): readonly Interface[] {
    return this.namespaces.flatMap(({ interfaces }) => interfaces)
  }

  /** Makes the namespace of a workload. */
  create(url: string, host: string): Namespace {
    const namespace = new Namespace(url, { dev: 4, ino: this.#inodes++ }, host)
    this.#namespaces.set(url, namespace)
    return namespace
  }

  /** Takes a workload's namespace away, and all interfaces in it. */
  destroy(url: string): void {
    const namespace = this.#namespaces.get(url)
    for (const one of namespace?.interfaces ?? []) this.delete(one)
    this.#namespaces.delete(url)
  }

  find(url: string): Namespace | undefined {
    return this.#namespaces.get(url)
  }

  open(url: string): Namespace {
    const found = this.#namespaces.get(url)
    if (found) return found
    throw new NsmError("NAMESPACE_NOT_FOUND", `${url} leads to no network namespace`)
  }

  add(...ends: readonly Interface[]): void {
    for (const end of ends) {
      const taken = end.namespace.named(end.name)
      if (taken) {
        throw new NsmError(
          "INTERFACE_NAME_TAKEN",
          `namespace ${end.namespace.url} already has an interface "${end.name}"`,
        )
      }
      if (end.tunnel && this.#tunnels.has(numberOf(end, end.tunnel))) {
        throw new NsmError("KERNEL_REFUSED", `VXLAN ${end.tunnel.vni}: File exists (EEXIST)`)
      }
    }
    for (const end of ends) {
      end.namespace.add(end)
      for (const key of keysOf(end)) this.#tunnels.set(key, end)
      this.#tell("made", end)
    }
  }

  /** Removes an interface, and with one end of a pair the other one. */
  delete(one: Interface): void {
    for (const end of one.peer ? [one, one.peer] : [one]) {
      if (end.namespace.named(end.name) !== end) continue
      end.namespace.delete(end)
      for (const key of keysOf(end)) this.#tunnels.delete(key)
      this.#tell("removed", end)
    }
  }

  /** Whether an interface is still there. */
  isThere(one: Interface): boolean {
    const { namespace, name } = one
    return this.#namespaces.get(namespace.url) === namespace && namespace.named(name) === one
  }

  /** Where packets come out that go into an interface; undefined when they are lost on the way. */
  otherEnd(one: Interface): Interface | undefined {
    if (!one.tunnel) return one.peer && this.isThere(one.peer) ? one.peer : undefined
    const { local, remote, port, vni } = one.tunnel
    if (!this.#underlay.carries(local, remote)) return undefined
    return this.#tunnels.get(wayOf({ local: remote, remote: local, port, vni }))
  }

  #tell(...event: Parameters<KernelListener>): void {
    for (const listener of this.#listeners) listener(...event)
  }
}

/** Under which the end of a tunnel is found. */
function keysOf(end: Interface): readonly string[] {
  return end.tunnel ? [wayOf(end.tunnel), numberOf(end, end.tunnel)] : []
}

function wayOf({ local, remote, port, vni }: Tunnel): string {
  return [local, remote, port, vni].join(" ")
}

/** A node has one tunnel of a number; what a peer sends cannot be told apart otherwise. */
function numberOf({ namespace: { host } }: Interface, { port, vni }: Tunnel): string {
  return [host, port, vni].join(" ")
}
