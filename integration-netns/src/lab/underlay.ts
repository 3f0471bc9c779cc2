import {
  configureInterface,
  createNamespace,
  createVethPair,
  Links,
  type NetworkNamespace,
} from "@nsm/sdk-kernel"

/**
 * A bridge that was given none has the least of its ports, so another one when a node comes or goes, and
 * the others would send to the old one until their neighbours expire.
 */
const mac = "02:00:00:00:00:01"

/**
 * The network that joins the nodes, in a namespace of its own, so that the machine's is untouched.
 *
 *     node [ underlay ]---[ port-1 ] bridge [ port-2 ]---[ underlay ] node
 */
export class Underlay implements Disposable {
  readonly namespace = createNamespace()
  /** Where what serves all nodes listens. */
  readonly address = "10.200.0.1"
  readonly #mtu: number
  readonly #bridge: number
  /** Numbers of the nodes: one that comes back has the address that it had. */
  readonly #nodes = new Map<string, number>()

  constructor({ mtu = 1500 }: { readonly mtu?: number | undefined } = {}) {
    this.#mtu = mtu
    this.#bridge = new Links(this.namespace).createBridge({ name: "bridge", mtu, mac }).index
  }

  /** Sets the bridge up. */
  async start(): Promise<void> {
    await configureInterface(this.namespace, "lo", {})
    await configureInterface(this.namespace, "bridge", { addresses: [`${this.address}/16`] })
  }

  /** Joins a node, also one that is back after it was lost; answers its address. */
  async join(name: string, node: NetworkNamespace): Promise<string> {
    const number = this.#nodes.get(name) ?? this.#nodes.size + 1
    this.#nodes.set(name, number)
    const address = `10.200.${number >> 8}.${(number & 255) + 1}`
    const mtu = this.#mtu
    await configureInterface(node, "lo", {})
    const [port] = await createVethPair(
      { namespace: this.namespace, name: this.#port(name), mtu },
      { namespace: node, name: "underlay", mtu, addresses: [`${address}/16`] },
    )
    new Links(this.namespace).change(port.index, { bridge: this.#bridge })
    return address
  }

  /** Pulls the plug of a node, or puts it in again: the node sees no carrier. */
  plug(name: string, isUp: boolean): void {
    new Links(this.namespace).change(this.#port(name), { isUp })
  }

  /** Takes away what joins a node that is lost. */
  async leave(name: string): Promise<void> {
    await new Links(this.namespace).delete(this.#port(name))
  }

  #port(name: string): string {
    return `port-${this.#nodes.get(name)}`
  }

  [Symbol.dispose](): void {
    this.namespace[Symbol.dispose]()
  }
}
