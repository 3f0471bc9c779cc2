import { NsmError } from "@nsm/sdk"
import {
  aligned,
  type Attribute,
  type Attributes,
  attributesOf,
  encodeAttributes,
} from "./attribute.ts"
import { type Layout, layout, viewOf } from "../ffi/layout.ts"

/** One message, request or answer. */
export interface Message {
  readonly type: number
  readonly flags: number
  /** Number by which an answer is matched to its request. */
  readonly sequence: number
  /** Netlink's own name of the socket that it comes from; 0 is the kernel. */
  readonly port: number
  readonly payload: Uint8Array
}

/** What every message begins with. */
export const nlmsghdr = layout("nlmsghdr", {
  length: "u32",
  type: "u16",
  flags: "u16",
  sequence: "u32",
  port: "u32",
})

/** Messages with their headers one after the other, each padded to four bytes. */
export function encodeMessages(messages: readonly Message[]): Uint8Array {
  let size = 0
  for (const { payload } of messages) size += aligned(nlmsghdr.size + payload.length)
  const bytes = new Uint8Array(size)
  const view = viewOf(bytes)
  let offset = 0
  for (const { type, flags, sequence, port, payload } of messages) {
    const length = nlmsghdr.size + payload.length
    nlmsghdr.write(view, offset, { length, type, flags, sequence, port })
    bytes.set(payload, offset + nlmsghdr.size)
    offset += aligned(length)
  }
  return bytes
}

/** Splits what was received into messages. Their payloads are views of the bytes. */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const messages: Message[] = []
  const view = viewOf(bytes)
  for (let offset = 0; offset < bytes.length;) {
    const { length, type, flags, sequence, port } = nlmsghdr.read(view, offset)
    if (length < nlmsghdr.size || offset + length > bytes.length) {
      throw new NsmError(
        "MALFORMED_MESSAGE",
        `decode messages: message at byte ${offset} has length ${length}`,
      )
    }
    const payload = bytes.subarray(offset + nlmsghdr.size, offset + length)
    messages.push({ type, flags, sequence, port, payload })
    offset += aligned(length)
  }
  return messages
}

/** A payload: a fixed header, and attributes. */
export function encodePayload<K extends string>(
  header: Layout<K>,
  fields: Partial<Record<K, number>>,
  attributes: readonly Attribute[] = [],
): Uint8Array {
  const bytes = encodeAttributes(attributes, header.size)
  header.write(viewOf(bytes), 0, fields)
  return bytes
}

/** What a payload says. */
export interface Decoded<K extends string> {
  readonly fields: Record<K, number>
  readonly attributes: Attributes
}

/** Reads a payload: a fixed header, and attributes. */
export function decodePayload<K extends string>(
  header: Layout<K>,
  payload: Uint8Array,
): Decoded<K> {
  const fields = header.decode(payload)
  return { fields, attributes: attributesOf(payload, aligned(header.size)) }
}

/** Bytes one after the other. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
