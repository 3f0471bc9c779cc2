import { NsmError } from "@nsm/sdk"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"

/** One typed value of a message: a type, whose meaning depends on the message, and bytes. */
export interface Attribute {
  readonly type: number
  readonly value: Uint8Array
}

const headerSize = 4
/** Says that the value is a list of attributes. */
const nestedFlag = 0x8000
const typeMask = 0x3fff

/** Attributes one after the other, each padded to four bytes. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const size = attributes.reduce((sum, { value }) => sum + aligned(headerSize + value.length), 0)
  const bytes = new Uint8Array(size)
  const view = viewOf(bytes)
  let offset = 0
  for (const { type, value } of attributes) {
    const length = headerSize + value.length
    if (length > 0xffff) {
      throw new NsmError("INVALID_REQUEST", `attribute ${type}: ${value.length} bytes are too many`)
    }
    view.setUint16(offset, length, hostIsLittleEndian)
    view.setUint16(offset + 2, type, hostIsLittleEndian)
    bytes.set(value, offset + headerSize)
    offset += aligned(length)
  }
  return bytes
}

/** An attribute and where in the bytes it begins. */
export interface PlacedAttribute extends Attribute {
  readonly offset: number
  readonly isNested: boolean
}

/** Walks over attributes. The values are views of the bytes. */
export function* attributesAt(bytes: Uint8Array): Generator<PlacedAttribute> {
  const view = viewOf(bytes)
  for (let offset = 0; offset + headerSize <= bytes.length;) {
    const length = view.getUint16(offset, hostIsLittleEndian)
    const type = view.getUint16(offset + 2, hostIsLittleEndian)
    if (length < headerSize || offset + length > bytes.length) {
      throw new NsmError(
        "MALFORMED_MESSAGE",
        `decode attributes: attribute ${type & typeMask} at byte ${offset} has length ${length}`,
      )
    }
    yield {
      type: type & typeMask,
      value: bytes.subarray(offset + headerSize, offset + length),
      offset,
      isNested: (type & nestedFlag) !== 0,
    }
    offset += aligned(length)
  }
}

/** An attribute that holds others. */
export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type: type | nestedFlag, value: encodeAttributes(attributes) }
}

/** The next multiple of four. */
export function aligned(length: number): number {
  return (length + 3) & ~3
}
