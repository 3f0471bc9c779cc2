import { Duplex } from "node:stream"
import koffi from "koffi"
import { libc, SHUT_WR } from "../ffi/libc.ts"
import type { HeldFile } from "./held-file.ts"
import type { MessageIo } from "./message-io.ts"
import type { ReceivedFiles } from "./received-files.ts"

/** What a stream works with. */
export interface DescriptorStreamOptions {
  /** A connected unix socket that does not block; the stream closes it. */
  readonly fd: number
  readonly io: MessageIo
  /** Gets the descriptors that come; ends with the stream. */
  readonly received: ReceivedFiles
}

/** So that one busy connection does not keep the others waiting. */
const mostReads = 16
const highWaterMark = 65_536

type Done = (failure?: Error | null) => void

/** The bytes of a unix socket, with descriptors that go with them and come with them. */
export class DescriptorStream extends Duplex {
  readonly #fd: number
  readonly #io: MessageIo
  readonly #received: ReceivedFiles
  #bytesRead = 0
  readonly #outgoing: HeldFile[] = []
  #poll: ReturnType<typeof koffi.node.poll> | undefined
  #polled = ""
  #isReading = false
  /** What the socket did not take yet. */
  #waiting: { bytes: Uint8Array; done: Done } | undefined

  constructor({ fd, io, received }: DescriptorStreamOptions) {
    // As a socket of Node; TLS takes over from what is below it whether it ends with its peer.
    super({ allowHalfOpen: false, highWaterMark })
    this.#fd = fd
    this.#io = io
    this.#received = received
  }

  /** How much has come. */
  get bytesRead(): number {
    return this.#bytesRead
  }

  /** Lets a file go with the next bytes that are written, and closes it then. */
  attach(file: HeldFile): void {
    this.#outgoing.push(file)
  }

  /** TLS has a last word to say to a peer that hears no more; that is no failure. */
  override write(chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.writableEnded) return super.write(chunk, ...(rest as []))
    const done = rest.at(-1)
    if (typeof done === "function") process.nextTick(done)
    return true
  }

  override _read(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.#watch()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: Done): void {
    // One system call for all: copying costs less than describing each.
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    libc.shutdown(this.#fd, SHUT_WR)
    done()
  }

  override _destroy(failure: Error | null, done: Done): void {
    this.#poll?.close()
    this.#poll = undefined
    libc.close(this.#fd)
    for (const file of this.#outgoing.splice(0)) file[Symbol.dispose]()
    this.#received[Symbol.dispose]()
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.done(failure)
    done(failure)
  }

  /** Waits for what can be gone on with. */
  #watch(): void {
    if (this.destroyed) return
    const readable = this.#isReading
    const writable = this.#waiting !== undefined
    const polled = `${readable} ${writable}`
    if (polled === this.#polled) return
    this.#polled = polled
    if (!readable && !writable) this.#poll?.stop()
    else if (this.#poll) this.#poll.start({ readable, writable }, this.#turnLater)
    else this.#poll = koffi.node.poll(this.#fd, { readable, writable }, this.#turnLater)
  }

  // Called outside of anything after which Node runs what is due: promises, and streams' next ticks.
  readonly #turnLater = (): void => void setImmediate(this.#turn)

  readonly #turn = (): void => {
    if (this.destroyed) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this.#send(waiting.bytes, waiting.done)
    try {
      this.#receive()
    } catch (failure) {
      this.destroy(failure as Error)
    }
    this.#watch()
  }

  #receive(): void {
    for (let reads = 0; reads < mostReads && this.#isReading && !this.destroyed; reads++) {
      const part = this.#io.receive(this.#fd)
      if (!part) return
      for (const fd of part.descriptors) this.#received.add(fd)
      this.#bytesRead += part.bytes.length
      const isOver = part.bytes.length === 0
      if (!this.push(isOver ? null : part.bytes) || isOver) this.#isReading = false
      if (!part.isFull) return
    }
  }

  #send(bytes: Uint8Array, done: Done): void {
    try {
      const rest = this.#sent(bytes)
      if (rest.length === 0) return done()
      this.#waiting = { bytes: rest, done }
      this.#watch()
    } catch (failure) {
      done(failure as Error)
    }
  }

  /** Writes what the socket takes; answers what is left. */
  #sent(bytes: Uint8Array): Uint8Array {
    let at = 0
    for (let file = this.#outgoing[0]; file && at < bytes.length; file = this.#outgoing[0]) {
      const length = this.#io.sendDescriptor(this.#fd, bytes[at] ?? 0, file.fd)
      if (length === undefined) return bytes.subarray(at)
      if (length === 0) break
      this.#outgoing.shift()?.[Symbol.dispose]()
      at += length
    }
    while (at < bytes.length) {
      const length = this.#io.send(this.#fd, bytes.subarray(at))
      if (length === undefined) break
      at += length
    }
    return bytes.subarray(at)
  }
}
