import { readdirSync, statSync } from "node:fs"
import { type Inode, inodeUrl, isSameInode } from "./namespace-url.ts"

/**
 * Finds the path of a namespace by its inode: among the processes that this one may look at, which
 * is all of the node's for a forwarder in the host's PID namespace. Remembers what it found.
 */
export class NamespaceFinder {
  readonly #found = new Map<string, string>()

  /** A path that leads to that inode now; undefined when no visible process is in the namespace. */
  find(inode: Inode): string | undefined {
    const key = inodeUrl(inode)
    const remembered = this.#found.get(key)
    if (remembered !== undefined && leadsTo(remembered, inode)) return remembered
    const path = processNamespacePaths().find((candidate) => leadsTo(candidate, inode))
    if (path === undefined) this.#found.delete(key)
    else this.#found.set(key, path)
    return path
  }
}

/** Whether a path leads to that inode now. */
export function leadsTo(path: string, inode: Inode): boolean {
  const found = inodeAt(path)
  return found !== undefined && isSameInode(found, inode)
}

function inodeAt(path: string): Inode | undefined {
  try {
    // Without throwIfNoEntry only a missing file is undefined; a process that may not be looked at throws.
    const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? {}
    return dev === undefined || ino === undefined ? undefined : { dev, ino }
  } catch {
    return undefined
  }
}

function processNamespacePaths(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `/proc/${pid}/ns/net`)
}
