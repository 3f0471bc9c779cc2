import { isSameInode, type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NamespaceFinder } from "../namespace/namespace-finder.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { Links } from "../links/links.ts"
import { aliasParts } from "./owner.ts"
import type { Wire, WireEnd } from "./wire.ts"

/** An end of a wire as it was made: in which namespace, and as which interface. */
export interface StandingEnd {
  readonly end: WireEnd
  readonly inode: Inode
  readonly index: number
  /** What the interface is marked with. */
  readonly alias: string
}

/** A wire that has been made. */
export interface StandingWire {
  readonly wire: Wire
  readonly ends: readonly StandingEnd[]
}

/** The same, with its namespace open. */
export interface OpenStandingEnd extends StandingEnd {
  readonly namespace: NetworkNamespace
}

/** Whether the interface is still there and still this wire's. */
export function isIntact(end: OpenStandingEnd): boolean {
  return isSameInode(end.inode, end.namespace.inode) && lossOf(end) === undefined
}

/** Why the interface is not this wire's any more; undefined when it is. */
export function lossOf({ end, index, alias, namespace }: OpenStandingEnd): string | undefined {
  const link = new Links(namespace).find(index)
  if (!link) return "the interface has been deleted"
  if (link.alias !== alias) return `the interface belongs to another: "${link.alias ?? ""}"`
  return link.name === end.name ? undefined : `the interface has been renamed to ${link.name}`
}

/** Whether the interface is there, but another forwarder of the node has made it its own. */
export function isTakenOver({ end, index, alias, namespace }: OpenStandingEnd): boolean {
  const link = new Links(namespace).find(index)
  const [ours, theirs] = [aliasParts(alias), aliasParts(link?.alias)]
  return (
    theirs?.end === end.alias &&
    theirs.owner?.node === ours?.owner?.node &&
    theirs.owner?.forwarder !== ours?.owner?.forwarder
  )
}

/**
 * Opens the namespace of an end again; undefined when it has gone. Its URL may lead elsewhere by
 * now, or nowhere though the namespace lives on, as when a process has ended that it was named by.
 */
export function reopen(
  { end, inode }: StandingEnd,
  finder: NamespaceFinder,
): NetworkNamespace | undefined {
  for (const url of [end.namespace, inodeUrl(inode)]) {
    const namespace = opened(url, finder)
    if (namespace && isSameInode(namespace.inode, inode)) return namespace
    namespace?.[Symbol.dispose]()
  }
  return undefined
}

function opened(url: string, finder: NamespaceFinder): NetworkNamespace | undefined {
  try {
    return openNamespace(url, { finder })
  } catch {
    return undefined
  }
}
