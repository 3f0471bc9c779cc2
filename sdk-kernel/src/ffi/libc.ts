import koffi, { type KoffiFunc } from "koffi"
import { type Attempt, errnoError } from "./errno.ts"

/** The functions of the C library that Node has no interface to. Each gives -1 when it fails. */
interface Libc {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array, length: number): number
  getsockname(fd: number, address: Uint8Array, length: Uint32Array): number
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: Uint32Array,
  ): number
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number
  send: KoffiFunc<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number
  recv(fd: number, bytes: Uint8Array, length: number, flags: number): number
  recvmsg(fd: number, header: bigint, flags: number): number
  sendmsg(fd: number, header: bigint, flags: number): number
  shutdown(fd: number, how: number): number
  fcntl(fd: number, command: number, type: "int", argument: number): number
  close(fd: number): number
  setns(fd: number, type: number): number
  unshare(flags: number): number
  ioctl(fd: number, request: number, argument: Uint8Array): number
  clock_gettime(clock: number, time: Uint8Array): number
  inet_pton(family: number, text: string, address: Uint8Array): number
  inet_ntop(family: number, address: Uint8Array, text: Uint8Array, size: number): unknown
}

const c = koffi.load(null)

export const libc = {
  socket: c.func("int socket(int domain, int type, int protocol)"),
  bind: c.func("int bind(int fd, void *address, uint32_t length)"),
  getsockname: c.func("int getsockname(int fd, void *address, void *length)"),
  getsockopt: c.func("int getsockopt(int fd, int level, int name, void *value, void *length)"),
  setsockopt: c.func("int setsockopt(int fd, int level, int name, void *value, uint32_t length)"),
  send: c.func("int64_t send(int fd, void *bytes, uint64_t length, int flags)"),
  sendto: c.func(
    "int64_t sendto(int fd, void *bytes, uint64_t length, int flags, void *address, uint32_t size)",
  ),
  recv: c.func("int64_t recv(int fd, void *bytes, uint64_t length, int flags)"),
  recvmsg: c.func("int64_t recvmsg(int fd, void *header, int flags)"),
  sendmsg: c.func("int64_t sendmsg(int fd, void *header, int flags)"),
  shutdown: c.func("int shutdown(int fd, int how)"),
  fcntl: c.func("int fcntl(int fd, int command, ...)"),
  close: c.func("int close(int fd)"),
  setns: c.func("int setns(int fd, int type)"),
  unshare: c.func("int unshare(int flags)"),
  ioctl: c.func("int ioctl(int fd, uint64_t request, void *argument)"),
  clock_gettime: c.func("int clock_gettime(int clock, void *time)"),
  inet_pton: c.func("int inet_pton(int family, const char *text, void *address)"),
  inet_ntop: c.func("void *inet_ntop(int family, void *address, void *text, uint32_t size)"),
} as Libc

// Numbers of the kernel's interface to user space, the same on every architecture that Node runs on.
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const SOCK_DGRAM = 2
export const SOCK_STREAM = 1
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const SOL_SOCKET = 1
/** One of the few numbers that differ: POWER has its own. */
export const SO_PEERCRED = process.arch === "ppc64" ? 21 : 17
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000
export const MSG_CMSG_CLOEXEC = 0x40000000
export const SCM_RIGHTS = 1
export const SHUT_WR = 1
export const F_DUPFD_CLOEXEC = 1030
export const O_PATH = 0o10000000
export const CLONE_NEWNET = 0x40000000

/** The result of a call that has just been made, or the error that it left behind. */
export function checked(result: number, attempt: Attempt): number {
  if (result < 0) throw errnoError(koffi.errno(), attempt)
  return result
}

/** The error number that the last call on this thread left behind. */
export function lastErrno(): number {
  return koffi.errno()
}
