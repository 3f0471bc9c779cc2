import { NsmError } from "@nsm/sdk"
import { errnoOf } from "../ffi/errno.ts"
import {
  AF_NETLINK,
  checked,
  lastErrno,
  libc,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from "../ffi/libc.ts"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"

/**
 * As much as the kernel writes a dump into at most, and more than any single answer. One for all
 * sockets: what is received is copied out of it at once.
 */
const buffer = new Uint8Array(32768)

const NETLINK_ROUTE = 0
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const NETLINK_LISTEN_ALL_NSID = 8

/** Opens a socket in the namespace that this thread is in. */
export function openRouteSocket({
  where,
  groups = 0,
  hearsOthers = false,
  flags = 0,
}: {
  where: string
  /** Mask of the notifications to get. @default none */
  groups?: number
  /** Whether to get them of all namespaces that the socket's knows by a number, too. @default false */
  hearsOthers?: boolean
  /** @default none */
  flags?: number
}): number {
  const attempt = { doing: `open a netlink socket in ${where}` }
  const fd = checked(
    libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE),
    attempt,
  )
  try {
    const address = new Uint8Array(12)
    const view = viewOf(address)
    view.setUint16(0, AF_NETLINK, hostIsLittleEndian)
    view.setUint32(8, groups, hostIsLittleEndian)
    checked(libc.bind(fd, address, address.length), attempt)
    const on = new Uint8Array(Int32Array.of(1).buffer)
    // Older kernels lack some of these, and then say less when they refuse something.
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
      libc.setsockopt(fd, SOL_NETLINK, option, on, on.length)
    }
    if (hearsOthers) {
      const heard = libc.setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, on, on.length)
      checked(heard, {
        doing: `listen for other namespaces in ${where}`,
        needs: "CAP_NET_BROADCAST",
      })
    }
    return fd
  } catch (failure) {
    libc.close(fd)
    throw failure
  }
}

/** The next datagram, "empty" when there is none, "overrun" when some did not fit and were dropped. */
export function receive(fd: number, where: string): Uint8Array | "empty" | "overrun" {
  const length = libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC)
  const errno = length < 0 ? lastErrno() : 0
  if (errno === errnoOf("EAGAIN")) return "empty"
  if (errno === errnoOf("ENOBUFS")) return "overrun"
  if (errno === errnoOf("EINTR")) return receive(fd, where)
  checked(length, { doing: `receive from ${where}` })
  if (length > buffer.length) {
    throw new NsmError(
      "INTERNAL",
      `receive from ${where}: an answer of ${length} bytes, more than ${buffer.length}`,
    )
  }
  return buffer.slice(0, length)
}
