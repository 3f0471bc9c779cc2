import { NsmError } from "../../core/errors.ts"

/** Before each message stand a byte that says whether it is compressed, and its length. */
const prefixBytes = 5
const mostBytes = 4 * 2 ** 20

/** A message as it goes over a stream. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length)
  frame.writeUInt8(0, 0)
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, prefixBytes)
  return frame
}

/** Finds the messages in the bytes of a stream, which come in pieces of any size. */
export class Messages {
  #pieces: Buffer[] = []
  #length = 0
  /** How many bytes there must be before there is anything to read. */
  #wanted = prefixBytes

  /** Takes more bytes; gives the messages that are whole by then. */
  add(piece: Buffer): readonly Buffer[] {
    const whole: Buffer[] = []
    this.#pieces.push(piece)
    this.#length += piece.length
    while (this.#length >= this.#wanted) {
      const bytes = this.#joined()
      this.#wanted = prefixBytes + lengthOf(bytes)
      if (bytes.length < this.#wanted) break
      whole.push(bytes.subarray(prefixBytes, this.#wanted))
      this.#length -= this.#wanted
      this.#pieces = this.#length > 0 ? [bytes.subarray(this.#wanted)] : []
      this.#wanted = prefixBytes
    }
    return whole
  }

  /** Fails when the bytes end within a message. */
  end(): void {
    if (this.#length > 0) throw new NsmError("MALFORMED_MESSAGE", "a message came only in part")
  }

  /** Once for the prefix and once for the whole, however many pieces it comes in. */
  #joined(): Buffer {
    const [first] = this.#pieces
    const joined = first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces)
    this.#pieces = [joined]
    return joined
  }
}

/** Takes the one message of a stream. */
export class OnlyMessage {
  readonly #messages = new Messages()
  #only: Buffer | undefined

  /** Takes more bytes of the stream. */
  add(piece: Buffer): void {
    for (const message of this.#messages.add(piece)) {
      if (this.#only) throw new NsmError("MALFORMED_MESSAGE", "more came than one message")
      this.#only = message
    }
  }

  /** The message, when the stream has ended. */
  get whole(): Buffer {
    this.#messages.end()
    if (!this.#only) throw new NsmError("MALFORMED_MESSAGE", "no message came")
    return this.#only
  }
}

function lengthOf(bytes: Buffer): number {
  if (bytes.readUInt8(0) !== 0) {
    const text = "the message is compressed, which is not understood here"
    throw new NsmError("MALFORMED_MESSAGE", text, { code: "UNIMPLEMENTED" })
  }
  const length = bytes.readUInt32BE(1)
  if (length <= mostBytes) return length
  const text = `a message of ${length} bytes is too long: at most ${mostBytes} are taken`
  throw new NsmError("MALFORMED_MESSAGE", text, { code: "RESOURCE_EXHAUSTED" })
}
