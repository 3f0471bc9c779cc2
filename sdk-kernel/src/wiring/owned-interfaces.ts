import { pathToFileURL } from "node:url"
import { Links } from "../links/links.ts"
import { visibleNamespaces } from "../namespace/namespace-finder.ts"
import type { Inode } from "../namespace/namespace-url.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { LoopTurns } from "./loop-turns.ts"
import { aliasParts, type Owner } from "./owner.ts"

/** An interface that a forwarder made, as its alias says. */
export interface OwnedInterface {
  /** Where its namespace was found. */
  readonly path: string
  readonly inode: Inode
  readonly index: number
  readonly name: string
  readonly alias: string
  /** Which wire's end it is, as `aliasOf` names it. */
  readonly end: string
  readonly owner: Owner
}

/**
 * All interfaces in all namespaces that this process sees that forwarders made. Other work goes on
 * between one namespace and the next; those that cannot be looked into are passed over.
 */
export async function ownedInterfaces(): Promise<readonly OwnedInterface[]> {
  const turns = new LoopTurns()
  const found: OwnedInterface[] = []
  for (const { path, inode } of visibleNamespaces()) {
    await turns.next()
    found.push(...ownedAt(path, inode))
  }
  return found
}

function ownedAt(path: string, inode: Inode): readonly OwnedInterface[] {
  try {
    using namespace = openNamespace(pathToFileURL(path).href)
    return new Links(namespace).list().flatMap(({ index, name, alias = "" }) => {
      const { end, owner } = aliasParts(alias) ?? {}
      return end && owner ? [{ path, inode, index, name, alias, end, owner }] : []
    })
  } catch {
    // it ended meanwhile, or is of no concern to this process
    return []
  }
}
