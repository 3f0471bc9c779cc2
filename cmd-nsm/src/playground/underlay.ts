import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import {
  configureInterface,
  createVethPair,
  Links,
  type NetworkNamespace,
  ownNamespace,
} from "@nsm/sdk-kernel"
import type { Underlay as Described } from "../topology/topology.ts"
import { UnderlayAddresses } from "./addresses.ts"
import type { Place } from "./daemon.ts"

const bridge = "underlay"

/**
 * The network that joins the nodes: a bridge in the playground's own namespace.
 *
 *     namespace of node-1 [ underlay ]---[ port-1 ] bridge [ port-2 ]---[ underlay ] namespace of node-2
 */
export class Underlay implements Place {
  readonly #mtu: number
  readonly #addresses: UnderlayAddresses
  readonly #bridgeAddresses: readonly string[]
  readonly #namespace = ownNamespace()
  #ports = 0

  constructor({ ipv4, ipv6, mtu }: Described) {
    this.#mtu = mtu
    this.#addresses = new UnderlayAddresses(ipv4, ipv6)
    this.#bridgeAddresses = this.#addresses.next()
  }

  /** IPv4 address of the bridge, where what serves all nodes listens. */
  get address(): string {
    return this.#bridgeAddresses[0]?.split("/")[0] ?? ""
  }

  /** Makes the bridge. */
  async start(): Promise<void> {
    await configureInterface(this.#namespace, "lo", { isUp: true })
    new Links(this.#namespace).createBridge({ name: bridge, mtu: this.#mtu })
    await configureInterface(this.#namespace, bridge, {
      isUp: true,
      addresses: this.#bridgeAddresses,
    })
  }

  /** Joins a node's namespace; answers the node's addresses with their prefix lengths. */
  async join(node: NetworkNamespace): Promise<readonly string[]> {
    const addresses = this.#addresses.next()
    const port = `port-${++this.#ports}`
    await configureInterface(node, "lo", { isUp: true })
    await createVethPair(
      { namespace: this.#namespace, name: port, mtu: this.#mtu },
      { namespace: node, name: "underlay", mtu: this.#mtu, addresses },
    )
    const links = new Links(this.#namespace)
    links.change(port, { bridge: links.get(bridge).index })
    return addresses
  }

  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn(command, args, options)
  }
}
