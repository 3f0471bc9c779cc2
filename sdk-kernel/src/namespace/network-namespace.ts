import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import { access, closeSync, fstatSync, openSync, statSync } from "node:fs"
import { NsmError } from "@nsm/sdk"
import { checked, CLONE_NEWNET, libc } from "../ffi/libc.ts"
import { NetlinkSocket } from "../netlink/netlink-socket.ts"
import { checkWayBack, leaveTo } from "./way-back.ts"
import { type Inode, isSameInode } from "./namespace-url.ts"

/** The namespace of the thread that opens it. */
export const currentNamespacePath = "/proc/thread-self/ns/net"

/**
 * An open network namespace. It lives at least as long as a handle on it, so hold handles no longer
 * than needed: a workload's namespace that is held keeps its interfaces after the workload has gone.
 */
export class NetworkNamespace implements Disposable {
  /** All threads of libuv start at once, and for all namespaces. */
  static #hasThreads = false
  /**
   * The namespace that this thread is in; unknown before it goes anywhere. The one that it comes
   * from stays open, for to open it each time takes longer than all that is done elsewhere.
   */
  static #threadIn: Place | undefined
  readonly fd: number
  readonly inode: Inode
  /** Where it was found; what errors call it. */
  readonly origin: string
  #isOpen = true
  #netlink: NetlinkSocket | undefined

  /** Takes over a descriptor of a namespace's file. */
  constructor(fd: number, origin: string) {
    const { dev, ino } = fstatSync(fd)
    this.fd = fd
    this.inode = { dev, ino }
    this.origin = origin
    // libuv starts its threads with the first work for them, in whatever namespace that thread is:
    // they must be there before this one goes elsewhere.
    if (!NetworkNamespace.#hasThreads) access("/", () => undefined)
    NetworkNamespace.#hasThreads = true
  }

  /** A URL that leads to it for as long as the handle is open: `file:///proc/<own pid>/fd/<n>`. */
  get url(): string {
    return `file:///proc/${process.pid}/fd/${this.fd}`
  }

  /** Speaks with the kernel about this namespace, for as long as the handle is open. */
  get netlink(): NetlinkSocket {
    this.#netlink ??= this.run(() => NetlinkSocket.open(this.origin))
    return this.#netlink
  }

  /**
   * Runs a synchronous function with this thread inside the namespace. Sockets that it opens stay
   * there. Ends the process when the thread cannot get back.
   */
  run<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
    if (!this.#isOpen) {
      throw new NsmError("INTERNAL", `enter namespace ${this.origin}: its handle is closed`)
    }
    // Where this thread is already needs no privilege.
    if (isSameInode(this.inode, NetworkNamespace.#threadIn?.inode ?? threadInode())) return work()
    const from = (NetworkNamespace.#threadIn ??= NetworkNamespace.#findHome(this.origin))
    checked(libc.setns(this.fd, CLONE_NEWNET), {
      doing: `enter namespace ${this.origin}`,
      needs: "CAP_SYS_ADMIN",
    })
    NetworkNamespace.#threadIn = this
    try {
      return work()
    } finally {
      NetworkNamespace.#threadIn = from
      leaveTo(from.fd, this.origin)
    }
  }

  /** Starts a process inside the namespace. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    // libuv forks on the calling thread, so the child is born where this thread is.
    return this.run(() => spawn(command, args, options))
  }

  static #findHome(entered: string): Place {
    const home = openSync(currentNamespacePath, "r")
    try {
      checkWayBack(home, `enter namespace ${entered}`)
      return { fd: home, inode: threadInode() }
    } catch (failure) {
      closeSync(home)
      throw failure
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#netlink?.[Symbol.dispose]()
    closeSync(this.fd)
  }
}

/** A namespace that is open. */
type Place = Pick<NetworkNamespace, "fd" | "inode">

function threadInode(): Inode {
  const { dev, ino } = statSync(currentNamespacePath)
  return { dev, ino }
}
