import { closeSync, constants, openSync } from "node:fs"
import { NsmError } from "@nsm/sdk"
import { CLONE_NEWNET, libc } from "../ffi/libc.ts"
import { leadsTo, NamespaceFinder } from "./namespace-finder.ts"
import { type Inode, parseNamespaceUrl } from "./namespace-url.ts"
import { NetworkNamespace } from "./network-namespace.ts"

/** How namespaces are looked for. */
export interface NamespaceOptions {
  /** Looks up `inode://` URLs; share one to profit from what it remembers. @default a new one */
  readonly finder?: NamespaceFinder
  /** What errors call it. @default its URL */
  readonly origin?: string
}

const NS_GET_NSTYPE = 0xb703

/** Opens the namespace at `file:///path` or, wherever it is found under /proc, `inode://dev/ino`. */
export function openNamespace(
  url: string,
  { finder = new NamespaceFinder(), origin = url }: NamespaceOptions = {},
): NetworkNamespace {
  const fd = openPath(pathOf(url, finder), url)
  try {
    if (libc.ioctl(fd, NS_GET_NSTYPE, new Uint8Array(0)) !== CLONE_NEWNET) {
      throw new NsmError("NAMESPACE_NOT_FOUND", `open namespace ${url}: no network namespace`)
    }
    return new NetworkNamespace(fd, origin)
  } catch (failure) {
    closeSync(fd)
    throw failure
  }
}

/** Opens the namespace that a process is in. */
export function namespaceOfPid(pid: number): NetworkNamespace {
  return openNamespace(`file:///proc/${pid}/ns/net`)
}

/**
 * Whether that namespace is still there: where a URL led to it, or among the other processes and
 * mounts, for the process by which it was found may have ended before its workload did. Cheap, to be
 * asked often.
 */
export function namespaceExists(
  url: string,
  inode: Inode,
  { finder = new NamespaceFinder() }: NamespaceOptions = {},
): boolean {
  const address = parseNamespaceUrl(url)
  if ("path" in address && leadsTo(address.path, inode)) return true
  return finder.find(inode) !== undefined
}

function pathOf(url: string, finder: NamespaceFinder): string {
  const address = parseNamespaceUrl(url)
  if ("path" in address) return address.path
  const path = finder.find(address.inode)
  if (path !== undefined) return path
  throw new NsmError(
    "NAMESPACE_NOT_FOUND",
    `open namespace ${url}: no process that is visible here is in it`,
  )
}

function openPath(path: string, url: string): number {
  try {
    // Not blocking, so that the path of a pipe does not hold the process up.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (failure) {
    const { code = "", message } = failure as NodeJS.ErrnoException
    if (code === "EACCES" || code === "EPERM") {
      throw new NsmError(
        "PRIVILEGE_MISSING",
        `open namespace ${url}: ${message}, needs CAP_SYS_ADMIN and CAP_SYS_PTRACE`,
        { cause: failure },
      )
    }
    throw new NsmError("NAMESPACE_NOT_FOUND", `open namespace ${url}: ${message}`, {
      cause: failure,
    })
  }
}
