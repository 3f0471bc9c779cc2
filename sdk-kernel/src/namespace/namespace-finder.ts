import { readdirSync, readFileSync, statSync } from "node:fs"
import { type Inode, inodeUrl, isSameInode } from "./namespace-url.ts"

/**
 * Finds the path of a namespace by its inode: among the processes that this one may look at, which
 * is all of the node's for a forwarder in the host's PID namespace, and among the mounts that it
 * sees, such as those of `ip netns`. Remembers what it found.
 */
export class NamespaceFinder {
  readonly #found = new Map<string, string>()

  /** A path that leads to that inode now; undefined when nothing visible does. */
  find(inode: Inode): string | undefined {
    const key = inodeUrl(inode)
    const remembered = this.#found.get(key)
    if (remembered !== undefined && leadsTo(remembered, inode)) return remembered
    const isIt = (candidate: string): boolean => leadsTo(candidate, inode)
    const path = processNamespacePaths().find(isIt) ?? mountedNamespacePaths().find(isIt)
    if (path === undefined) this.#found.delete(key)
    else this.#found.set(key, path)
    return path
  }
}

/** All namespaces that this process sees, among processes and mounts, each once. */
export function visibleNamespaces(): readonly VisibleNamespace[] {
  const seen = new Map<string, VisibleNamespace>()
  for (const path of [...processNamespacePaths(), ...mountedNamespacePaths()]) {
    const inode = inodeAt(path)
    const key = inode && inodeUrl(inode)
    if (inode && key !== undefined && !seen.has(key)) seen.set(key, { path, inode })
  }
  return [...seen.values()]
}

/** A namespace with a path that leads to it, as long as the process or mount is there. */
export interface VisibleNamespace {
  readonly path: string
  readonly inode: Inode
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

/** Namespaces that are kept by a mount; the format of mountinfo is in proc(5). */
function mountedNamespacePaths(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(" - nsfs "))
    .map((line) => unescaped(line.split(" ")[4] ?? ""))
}

/** mountinfo writes blanks and the like as three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
