import {
  configureInterface,
  createNamespace,
  createVethPair,
  Links,
  type NetworkNamespace,
} from "@nsm/sdk-kernel"

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
  #nodes = 0

  constructor({ mtu = 1500 }: { readonly mtu?: number | undefined } = {}) {
    this.#mtu = mtu
    this.#bridge = new Links(this.namespace).createBridge({ name: "bridge", mtu }).index
  }

  /** Sets the bridge up. */
  async start(): Promise<void> {
    await configureInterface(this.namespace, "lo", {})
    await configureInterface(this.namespace, "bridge", { addresses: [`${this.address}/16`] })
  }

  /** Joins a node; answers its address. */
  async join(node: NetworkNamespace): Promise<string> {
    this.#nodes += 1
    const address = `10.200.${this.#nodes >> 8}.${(this.#nodes & 255) + 1}`
    const mtu = this.#mtu
    await configureInterface(node, "lo", {})
    const [port] = await createVethPair(
      { namespace: this.namespace, name: `port-${this.#nodes}`, mtu },
      { namespace: node, name: "underlay", mtu, addresses: [`${address}/16`] },
    )
    new Links(this.namespace).change(port.index, { bridge: this.#bridge })
    return address
  }

  [Symbol.dispose](): void {
    this.namespace[Symbol.dispose]()
  }
}
