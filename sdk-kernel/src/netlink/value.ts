import { NsmError } from "@nsm/sdk"
import type { Attribute } from "./attribute.ts"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"

/** An attribute of one byte. */
export function u8(type: number, value: number): Attribute {
  return { type, value: Uint8Array.of(value) }
}

/** An attribute of a 16-bit number in network byte order, as ports are. */
export function u16be(type: number, value: number): Attribute {
  return { type, value: Uint8Array.of(value >> 8, value & 0xff) }
}

/** An attribute of a 32-bit number. */
export function u32(type: number, value: number): Attribute {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, value, hostIsLittleEndian)
  return { type, value: bytes }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** An attribute of text, ended by a zero byte. */
export function text(type: number, value: string): Attribute {
  return { type, value: encoder.encode(`${value}\0`) }
}

/** An attribute of plain bytes. */
export function raw(type: number, value: Uint8Array): Attribute {
  return { type, value }
}

/** The 32-bit number in an attribute's value. */
export function readU32(value: Uint8Array): number {
  return sized(value, 4).getUint32(0, hostIsLittleEndian)
}

/** The 16-bit number in network byte order in an attribute's value. */
export function readU16be(value: Uint8Array): number {
  return sized(value, 2).getUint16(0)
}

/** The signed 32-bit number in an attribute's value. */
export function readI32(value: Uint8Array): number {
  return sized(value, 4).getInt32(0, hostIsLittleEndian)
}

/** The 64-bit number at a place in an attribute's value. */
export function readU64(value: Uint8Array, offset = 0): bigint {
  return sized(value, offset + 8).getBigUint64(offset, hostIsLittleEndian)
}

/** The text in an attribute's value, up to its first zero byte. */
export function readText(value: Uint8Array): string {
  const end = value.indexOf(0)
  return decoder.decode(end < 0 ? value : value.subarray(0, end))
}

function sized(value: Uint8Array, atLeast: number): DataView {
  if (value.length >= atLeast) return viewOf(value)
  throw new NsmError(
    "MALFORMED_MESSAGE",
    `decode a value: ${value.length} bytes, expected at least ${atLeast}`,
  )
}
