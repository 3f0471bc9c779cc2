import { NsmError } from "@nsm/sdk"
import { aligned, type Attribute, attributesAt, encodeAttributes } from "./attribute.ts"
import { type Layout, layout } from "../ffi/layout.ts"

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

/** A message with its header, padded to four bytes. */
export function encodeMessage({ payload, ...header }: Message): Uint8Array {
  const length = nlmsghdr.size + payload.length
  const bytes = new Uint8Array(aligned(length))
  bytes.set(nlmsghdr.encode({ ...header, length }))
  bytes.set(payload, nlmsghdr.size)
  return bytes
}

/** Splits what was received into messages. Their payloads are views of the bytes. */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const messages: Message[] = []
  for (let offset = 0; offset < bytes.length;) {
    const { length, ...header } = nlmsghdr.decode(bytes.subarray(offset))
    if (length < nlmsghdr.size || offset + length > bytes.length) {
      throw new NsmError(
        "MALFORMED_MESSAGE",
        `decode messages: message at byte ${offset} has length ${length}`,
      )
    }
    messages.push({ ...header, payload: bytes.subarray(offset + nlmsghdr.size, offset + length) })
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
  return concatenated([header.encode(fields), encodeAttributes(attributes)])
}

/** What a payload says. The last attribute of a type counts. */
export interface Decoded<K extends string> {
  readonly fields: Record<K, number>
  readonly attributes: ReadonlyMap<number, Uint8Array>
}

/** Reads a payload: a fixed header, and attributes. */
export function decodePayload<K extends string>(
  header: Layout<K>,
  payload: Uint8Array,
): Decoded<K> {
  const fields = header.decode(payload)
  return { fields, attributes: attributeMap(payload.subarray(aligned(header.size))) }
}

/** The attributes in bytes by type. The last attribute of a type counts. */
export function attributeMap(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const values = new Map<number, Uint8Array>()
  for (const { type, value } of attributesAt(bytes)) values.set(type, value)
  return values
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
