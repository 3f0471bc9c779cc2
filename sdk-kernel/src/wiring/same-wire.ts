import { isSameInode } from "../namespace/namespace-url.ts"
import type { Link } from "../links/link.ts"
import { namespaceId } from "../links/namespace-id.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { OpenEnd } from "./make-wire.ts"
import type { Tunnel, Wire } from "./wire.ts"

/** An end of a wire with the interface that is there for it already. */
export interface FoundEnd extends OpenEnd {
  readonly link: Link
}

/**
 * Whether interfaces are the very ones that a wire consists of: of its kind and hardware addresses,
 * joined to each other, or to that tunnel of this node.
 */
export function isSameWire(
  wire: Wire,
  found: readonly FoundEnd[],
  node: NetworkNamespace,
): boolean {
  const [one, two] = found
  if (!one || found.length !== wire.ends.length) return false
  if (!found.every((each) => each.link.kind === wire.kind && hasItsMac(each))) return false
  if (wire.kind === "vxlan") return isTunnel(one.link, wire.tunnel) && leadsInto(one, node)
  return two !== undefined && isPair(one, two)
}

/** Of an end without addresses nobody needs to know it: it follows from the forwarder, and may stay. */
function hasItsMac({ link, end }: FoundEnd): boolean {
  return link.mac === end.mac || end.addresses?.length === 0
}

/** Numbers of interfaces repeat in other namespaces, so these have to be the right ones, too. */
function isPair(one: FoundEnd, two: FoundEnd): boolean {
  const areCounterparts = one.link.peer === two.link.index && two.link.peer === one.link.index
  return areCounterparts && leadsInto(one, two.namespace)
}

/** Whether the other side of a link, or its socket, is in that namespace. */
function leadsInto({ link, namespace }: FoundEnd, other: NetworkNamespace): boolean {
  return link.peerNamespace === undefined
    ? isSameInode(namespace.inode, other.inode)
    : link.peerNamespace === namespaceId(namespace, other)
}

function isTunnel({ tunnel }: Link, { local, remote, port, vni }: Tunnel): boolean {
  return (
    tunnel !== undefined &&
    JSON.stringify([tunnel.local, tunnel.remote, tunnel.port, tunnel.vni]) ===
      JSON.stringify([local, remote, port, vni])
  )
}
