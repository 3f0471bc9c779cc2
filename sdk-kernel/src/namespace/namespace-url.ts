import { fileURLToPath } from "node:url"
import { NsmError } from "@nsm/sdk"

/** Device and inode number of a namespace's file: two namespaces are the same when both are. */
export interface Inode {
  readonly dev: number
  readonly ino: number
}

/** Where a URL says that a namespace is: at a path, or wherever that inode turns up. */
export type NamespaceAddress = { readonly path: string } | { readonly inode: Inode }

/** Reads `file:///path` and `inode://dev/ino`. */
export function parseNamespaceUrl(url: string): NamespaceAddress {
  const inode = /^inode:\/\/(\d+)\/(\d+)$/.exec(url)
  if (inode) return { inode: { dev: Number(inode[1]), ino: Number(inode[2]) } }
  if (url.startsWith("file:///") && URL.canParse(url)) return { path: fileURLToPath(url) }
  throw new NsmError(
    "INVALID_URL",
    `network namespace "${url}": expected file:///path or inode://device/inode`,
  )
}

/** The URL of an inode, as it goes over the wire. */
export function inodeUrl({ dev, ino }: Inode): string {
  return `inode://${dev}/${ino}`
}

/** Whether both name the same namespace. */
export function isSameInode(one: Inode, other: Inode): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
