import { errnoError, errnoOf } from "../ffi/errno.ts"
import { type IpAddress, parseIp } from "../ffi/ip.ts"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"
import {
  AF_INET,
  checked,
  lastErrno,
  libc,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from "../ffi/libc.ts"
import { socketAddress } from "../ffi/socket-address.ts"
import {
  decodeEchoReply,
  ECHO,
  type EchoPacket,
  encodeEchoRequest,
  withoutIpHeader,
} from "./echo-packet.ts"

/** An echo reply, and when the kernel got it, in milliseconds since 1970. */
export interface ReceivedEcho extends EchoPacket {
  readonly at: number
}

/** Sends echo requests to one address and receives echo replies from all. */
export class EchoSocket implements Disposable {
  readonly fd: number
  readonly #destination: IpAddress
  readonly #buffer = new Uint8Array(65536)
  readonly #doing: string

  /** Whether what is received begins with its IPv4 header. */
  readonly #hasIpHeader: boolean

  private constructor(fd: number, destination: IpAddress, doing: string, isRaw: boolean) {
    this.fd = fd
    this.#destination = destination
    this.#doing = doing
    this.#hasIpHeader = isRaw && destination.family === AF_INET
  }

  /**
   * Opens a socket in the namespace that this thread is in: a raw one, or where that needs a
   * capability one for echoes only, if the namespace's `net.ipv4.ping_group_range` lets this group.
   */
  static open(destination: string, source: string | undefined, doing: string): EchoSocket {
    const to = parseIp(destination)
    const raw = socketOf(to.family, SOCK_RAW)
    const fd = raw >= 0 ? raw : socketOf(to.family, SOCK_DGRAM)
    checked(fd, { doing, needs: "CAP_NET_RAW, or a group in net.ipv4.ping_group_range" })
    try {
      if (raw >= 0) onlyReplies(fd, to.family, doing)
      if (source !== undefined) {
        const from = socketAddress(parseIp(source))
        checked(libc.bind(fd, from, from.length), { doing: `${doing} from ${source}` })
      }
      // The first question makes the kernel note arrivals from now on.
      libc.ioctl(fd, SIOCGSTAMPNS, new Uint8Array(16))
      return new EchoSocket(fd, to, doing, raw >= 0)
    } catch (failure) {
      libc.close(fd)
      throw failure
    }
  }

  /** Sends a request and says when. */
  send(packet: EchoPacket): number {
    const bytes = encodeEchoRequest(this.#destination.family, packet)
    const to = socketAddress(this.#destination)
    const at = wallClockMs()
    checked(libc.sendto(this.fd, bytes, bytes.length, MSG_DONTWAIT, to, to.length), {
      doing: this.#doing,
      needs: "CAP_NET_RAW",
    })
    return at
  }

  /** The next reply, to whomever it is; undefined when there is none. */
  receive(): ReceivedEcho | undefined {
    const length = libc.recv(this.fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT)
    if (length < 0 && lastErrno() === errnoOf("EAGAIN")) return undefined
    if (length < 0) throw errnoError(lastErrno(), { doing: this.#doing })
    const packet = this.#buffer.slice(0, length)
    const message = this.#hasIpHeader ? withoutIpHeader(packet) : packet
    const reply = decodeEchoReply(this.#destination.family, message)
    return reply ? { ...reply, at: this.#arrivalMs() } : this.receive()
  }

  [Symbol.dispose](): void {
    libc.close(this.fd)
  }

  /** When what was received last came in: noted by the kernel, so our own slowness does not count. */
  #arrivalMs(): number {
    const time = new Uint8Array(16)
    return libc.ioctl(this.fd, SIOCGSTAMPNS, time) === 0 ? timespecMs(time) : wallClockMs()
  }
}

const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
const SOL_RAW = 255
const FILTER = 1
const SIOCGSTAMPNS = 0x8907
const CLOCK_REALTIME = 0

// A set bit keeps messages of that type out.
const onlyReplies4 = { level: SOL_RAW, filter: allBut(ECHO.REPLY, 1) }
const onlyReplies6 = { level: IPPROTO_ICMPV6, filter: allBut(ECHO.REPLY6, 8) }

function allBut(type: number, words: number): Uint8Array {
  const filter = new Uint32Array(words).fill(0xffffffff)
  filter[type >> 5] = ~(1 << (type & 31))
  return new Uint8Array(filter.buffer)
}

/** The clock of the kernel's time stamps, finer than Date. */
function wallClockMs(): number {
  const time = new Uint8Array(16)
  libc.clock_gettime(CLOCK_REALTIME, time)
  return timespecMs(time)
}

function timespecMs(time: Uint8Array): number {
  const view = viewOf(time)
  const seconds = Number(view.getBigInt64(0, hostIsLittleEndian))
  return seconds * 1e3 + Number(view.getBigInt64(8, hostIsLittleEndian)) / 1e6
}

/** The kernel's answer: a descriptor, or a negative number. */
function socketOf(family: number, type: number): number {
  const protocol = family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6
  return libc.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)
}

function onlyReplies(fd: number, family: number, doing: string): void {
  const { level, filter } = family === AF_INET ? onlyReplies4 : onlyReplies6
  checked(libc.setsockopt(fd, level, FILTER, filter, filter.length), { doing })
}
