import koffi from "koffi"
import { errnoName, errnoOf } from "../ffi/errno.ts"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"
import { lastErrno, libc, MSG_CMSG_CLOEXEC, MSG_DONTWAIT, MSG_NOSIGNAL } from "../ffi/libc.ts"
import { controlSize, decodeDescriptors, encodeDescriptor } from "./control-message.ts"

/** What a read gave: bytes and the descriptors that came with them. */
export interface Received {
  readonly bytes: Uint8Array
  readonly descriptors: readonly number[]
  /** Whether there may be more to read. */
  readonly isFull: boolean
}

/** As many as the kernel passes in one message of a sender that we know of. */
const mostDescriptors = 64
/** Reads go into slabs like this one after the other: an allocation for many small messages. */
const slabSize = 65_536
const leastRoom = 16_384

const again = errnoOf("EAGAIN")
const interrupted = errnoOf("EINTR")
const tooManyOnTheirWay = errnoOf("ETOOMANYREFS")

/**
 * Reads and writes unix sockets that do not block, with the descriptors that go along: recvmsg(2) and
 * sendmsg(2). One serves any number of sockets.
 */
export class MessageIo {
  readonly #control = new Message(controlSize(mostDescriptors))
  readonly #single = new Message(controlSize(1))
  readonly #byte = new Uint8Array(1)
  #slab = new Uint8Array(0)
  #address = 0n
  #used = 0

  /** What has come; undefined when nothing has, and no bytes when the peer writes no more. */
  receive(fd: number): Received | undefined {
    if (this.#slab.length - this.#used < leastRoom) this.#renew()
    const room = this.#slab.length - this.#used
    this.#control.point(this.#address + BigInt(this.#used), room)
    const length = libc.recvmsg(fd, this.#control.address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
    if (length < 0) {
      const errno = lastErrno()
      if (errno === again) return undefined
      if (errno === interrupted) return this.receive(fd)
      throw failed(errno, "read")
    }
    const bytes = this.#slab.subarray(this.#used, this.#used + length)
    this.#used += length
    const descriptors = this.#control.descriptors
    // A read ends at a byte with which a descriptor came.
    return { bytes, descriptors, isFull: length === room || descriptors.length > 0 }
  }

  /** Writes what it can and says how much that was; undefined when the socket takes nothing now. */
  send(fd: number, bytes: Uint8Array): number | undefined {
    return sent(libc.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL), () =>
      this.send(fd, bytes),
    )
  }

  /** Writes one byte with a descriptor; says, as `send`, whether it has, and 0 when it may not now. */
  sendDescriptor(fd: number, byte: number, descriptor: number): number | undefined {
    this.#byte[0] = byte
    this.#single.point(koffi.address(this.#byte), 1)
    this.#single.set(encodeDescriptor(descriptor))
    const length = libc.sendmsg(fd, this.#single.address, MSG_DONTWAIT | MSG_NOSIGNAL)
    // Too many that nobody has read yet; they may go with later bytes.
    if (length < 0 && lastErrno() === tooManyOnTheirWay) return 0
    return sent(length, () => this.sendDescriptor(fd, byte, descriptor))
  }

  #renew(): void {
    this.#slab = new Uint8Array(slabSize)
    this.#address = koffi.address(this.#slab)
    this.#used = 0
  }
}

function sent(length: number, retry: () => number | undefined): number | undefined {
  if (length >= 0) return length
  const errno = lastErrno()
  if (errno === again) return undefined
  if (errno === interrupted) return retry()
  throw failed(errno, "write")
}

/** In Node's form, by which what is above tells an end from a failure. */
function failed(errno: number, syscall: string): NodeJS.ErrnoException {
  const code = errnoName(errno)
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -errno, syscall })
}

/** struct msghdr of 64-bit Linux with one buffer of bytes and one of control messages (recvmsg(2)). */
class Message {
  readonly #control: Uint8Array
  readonly #buffer = new Uint8Array(16)
  readonly #header = new Uint8Array(56)
  readonly #bufferView = viewOf(this.#buffer)
  readonly #headerView = viewOf(this.#header)
  readonly address: bigint

  constructor(size: number) {
    this.#control = new Uint8Array(size)
    this.#headerView.setBigUint64(16, koffi.address(this.#buffer), hostIsLittleEndian)
    this.#headerView.setBigUint64(24, 1n, hostIsLittleEndian)
    this.#headerView.setBigUint64(32, koffi.address(this.#control), hostIsLittleEndian)
    this.address = koffi.address(this.#header)
  }

  /** Says where the bytes are, and that all of the control buffer may be used. */
  point(address: bigint, length: number): void {
    this.#bufferView.setBigUint64(0, address, hostIsLittleEndian)
    this.#bufferView.setUint32(8, length, hostIsLittleEndian)
    this.#headerView.setUint32(40, this.#control.length, hostIsLittleEndian)
  }

  set(control: Uint8Array): void {
    this.#control.set(control)
  }

  get descriptors(): readonly number[] {
    const length = this.#headerView.getUint32(40, hostIsLittleEndian)
    return length === 0 ? none : decodeDescriptors(this.#control.subarray(0, length))
  }
}

const none: readonly number[] = []
