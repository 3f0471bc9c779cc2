import type { Link } from "../links/link.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { InterfaceSetup } from "./interface-setup.ts"

/** One end of a VXLAN tunnel between two nodes (RFC 7348). */
export interface VxlanOptions extends InterfaceSetup {
  /** Where the interface is. */
  readonly namespace: NetworkNamespace
  readonly name: string
  /** Where the tunnel's UDP socket is. */
  readonly node: NetworkNamespace
  /** Network identifier, 1 to 2^24 - 1. */
  readonly vni: number
  /** The node's own tunnel address. */
  readonly local: string
  /** The other node's tunnel address. */
  readonly remote: string
  /** UDP port of both sides. @default 4789 */
  readonly port?: number
}

/**
 * Makes the end of a tunnel inside a workload's namespace, with its socket in the node's, or nothing.
 *
 *     namespace [ name ]=====( node: UDP local:port )- - -( remote:port )
 */
export async function createVxlan(options: VxlanOptions): Promise<Link> {
  throw new Error(`not written yet: ${JSON.stringify(options)}`)
}
