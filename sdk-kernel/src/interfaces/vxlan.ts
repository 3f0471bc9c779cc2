import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { createVxlanLink, type VxlanTunnel } from "../links/vxlan.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { transaction } from "../transaction.ts"
import { afterBirth, bornAs, giveBirth } from "./birth.ts"
import { deleteInterface } from "./delete-interface.ts"
import { type InterfaceSetup, setUp } from "./interface-setup.ts"
import { openWays } from "./open-ways.ts"

/** One end of a VXLAN tunnel between two nodes (RFC 7348). */
export interface VxlanOptions extends InterfaceSetup, VxlanTunnel {
  /** Where the interface is. */
  readonly namespace: NetworkNamespace
  readonly name: string
  /** Where the tunnel's UDP socket is. */
  readonly node: NetworkNamespace
}

/**
 * Makes the end of a tunnel inside a workload's namespace, with its socket in the node's, or nothing.
 *
 *     namespace [ name ]=====( node: UDP local:port )- - -( remote:port )
 */
export function createVxlan(options: VxlanOptions): Promise<Link> {
  const { namespace, node, name } = options
  return transaction(async (undo) => {
    giveBirth(node, createVxlanLink(bornAs(options), options), [options])
    undo(`delete vxlan "${name}"`, () => deleteInterface(namespace, name))
    // The kernel opens the tunnel's socket only now.
    const born = new Links(namespace).get(name)
    const link = setUp(namespace, born, afterBirth(options), {
      EADDRINUSE: [
        "ADDRESS_IN_USE",
        `something else on the node has UDP port ${options.port ?? 4789}`,
      ],
    })
    await openWays(namespace, born, options)
    return link
  })
}
