import { readFileSync } from "node:fs"
import { errnoError, errnoOf } from "../ffi/errno.ts"
import { hostIsLittleEndian } from "../ffi/layout.ts"
import { AF_UNIX, checked, lastErrno, libc, SOCK_CLOEXEC, SOCK_STREAM } from "../ffi/libc.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** Which forwarder it is, and in which network. */
export interface PresenceOptions {
  readonly node: NetworkNamespace
  /** Its name as aliases have it. */
  readonly forwarder: string
}

const prefix = "nsm-forwarder/"

/**
 * Tells the forwarders of one node which of them run: each holds the name of a socket without a file,
 * which belongs to the node's network, and which the kernel takes back when the process ends.
 */
export class Presence implements Disposable {
  readonly #node: NetworkNamespace
  readonly #forwarder: string
  #fd: number | undefined

  constructor({ node, forwarder }: PresenceOptions) {
    this.#node = node
    this.#forwarder = forwarder
  }

  /** Whether this is the one that runs under its name. Asked again, it tries again. */
  claim(): boolean {
    this.#fd ??= this.#node.run(() => bound(this.#forwarder))
    return this.#fd !== undefined
  }

  /** Names of the forwarders that run on the node. */
  running(): ReadonlySet<string> {
    const table = this.#node.run(() => readFileSync("/proc/thread-self/net/unix", "utf8"))
    const names = table.split("\n").map((line) => line.split(` @${prefix}`)[1])
    return new Set(names.filter((name) => name !== undefined))
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) libc.close(this.#fd)
    this.#fd = undefined
  }
}

function bound(forwarder: string): number | undefined {
  const attempt = { doing: `claim the name ${forwarder} among the forwarders of the node` }
  const fd = checked(libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), attempt)
  const address = socketAddress(prefix + forwarder)
  if (libc.bind(fd, address, address.length) === 0) return fd
  const errno = lastErrno()
  libc.close(fd)
  if (errno === errnoOf("EADDRINUSE")) return undefined
  throw errnoError(errno, attempt)
}

/** `struct sockaddr_un` of a name that begins with a zero byte, and so is no path (unix(7)). */
function socketAddress(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(`\0${name}`)
  const address = new Uint8Array(2 + bytes.length)
  new DataView(address.buffer).setUint16(0, AF_UNIX, hostIsLittleEndian)
  address.set(bytes, 2)
  return address
}
