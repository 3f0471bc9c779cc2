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

/** Attributes one after the other, each padded to four bytes, behind so many bytes of something else. */
export function encodeAttributes(attributes: readonly Attribute[], behind = 0): Uint8Array {
  let size = behind
  for (const { value } of attributes) size += aligned(headerSize + value.length)
  const bytes = new Uint8Array(size)
  const view = viewOf(bytes)
  let offset = behind
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
    const length = lengthAt(view, offset)
    const type = view.getUint16(offset + 2, hostIsLittleEndian)
    yield {
      type: type & typeMask,
      value: bytes.subarray(offset + headerSize, offset + length),
      offset,
      isNested: (type & nestedFlag) !== 0,
    }
    offset += aligned(length)
  }
}

/** Attributes by type, of which the last of a type counts. */
export interface Attributes {
  /** The value, a view of the bytes. */
  get(type: number): Uint8Array | undefined
}

/** Finds attributes by type, and looks only at those that are asked for: of a link few are, of forty. */
export function attributesOf(bytes: Uint8Array, behind = 0): Attributes {
  const view = viewOf(bytes)
  const places = new Map<number, number>()
  for (let offset = behind; offset + headerSize <= bytes.length;) {
    places.set(view.getUint16(offset + 2, hostIsLittleEndian) & typeMask, offset)
    offset += aligned(lengthAt(view, offset))
  }
  return {
    get(type) {
      const offset = places.get(type)
      if (offset === undefined) return undefined
      return bytes.subarray(offset + headerSize, offset + lengthAt(view, offset))
    },
  }
}

/** How long the attribute is that begins there, with its header. */
function lengthAt(view: DataView, offset: number): number {
  const length = view.getUint16(offset, hostIsLittleEndian)
  if (length >= headerSize && offset + length <= view.byteLength) return length
  const type = view.getUint16(offset + 2, hostIsLittleEndian) & typeMask
  throw new NsmError(
    "MALFORMED_MESSAGE",
    `decode attributes: attribute ${type} at byte ${offset} has length ${length}`,
  )
}

/** An attribute that holds others. */
export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type: type | nestedFlag, value: encodeAttributes(attributes) }
}

/** The next multiple of four. */
export function aligned(length: number): number {
  return (length + 3) & ~3
}
