import { endianness } from "node:os"
import { NsmError } from "@nsm/sdk"

/** Netlink speaks the host's byte order, but for addresses and ports. */
export const hostIsLittleEndian = endianness() === "LE"

/** A whole number in a fixed header. */
export type NumberFormat = "u8" | "u16" | "u32" | "i32"

const sizes: Readonly<Record<NumberFormat, number>> = { u8: 1, u16: 2, u32: 4, i32: 4 }

/** A C structure of whole numbers without gaps: fields are encoded and decoded by name. */
export interface Layout<K extends string> {
  readonly size: number
  /** Fields that are left out are 0. */
  encode(fields: Partial<Record<K, number>>): Uint8Array
  /** The same, at a place among other bytes, which are 0 there. */
  write(view: DataView, at: number, fields: Partial<Record<K, number>>): void
  /** Reads the start of `bytes`. */
  decode(bytes: Uint8Array): Record<K, number>
  /** Reads what begins at a place among other bytes. */
  read(view: DataView, at: number): Record<K, number>
}

/** Describes a structure by its fields in order; padding is a field too. */
export function layout<K extends string>(
  name: string,
  formats: Readonly<Record<K, NumberFormat>>,
): Layout<K> {
  const entries = Object.entries(formats) as [K, NumberFormat][]
  const fields = entries.map(([key, format], position) => ({
    key,
    format,
    offset: entries.slice(0, position).reduce((sum, [, before]) => sum + sizes[before], 0),
  }))
  const size = entries.reduce((sum, [, format]) => sum + sizes[format], 0)
  const made: Layout<K> = {
    size,
    encode(values) {
      const bytes = new Uint8Array(size)
      made.write(viewOf(bytes), 0, values)
      return bytes
    },
    write(view, at, values) {
      for (const { key, format, offset } of fields) {
        const value = values[key]
        if (value) write(view, at + offset, format, value)
      }
    },
    decode: (bytes) => made.read(viewOf(bytes), 0),
    read(view, at) {
      const left = view.byteLength - at
      if (left < size) {
        throw new NsmError(
          "MALFORMED_MESSAGE",
          `decode ${name}: ${left} bytes, expected at least ${size}`,
        )
      }
      const values = {} as Record<K, number>
      for (const { key, format, offset } of fields) values[key] = read(view, at + offset, format)
      return values
    },
  }
  return made
}

/** The same bytes, for reading and writing numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function write(view: DataView, offset: number, format: NumberFormat, value: number): void {
  switch (format) {
    case "u8":
      return view.setUint8(offset, value)
    case "u16":
      return view.setUint16(offset, value, hostIsLittleEndian)
    case "u32":
      return view.setUint32(offset, value, hostIsLittleEndian)
    case "i32":
      return view.setInt32(offset, value, hostIsLittleEndian)
  }
}

function read(view: DataView, offset: number, format: NumberFormat): number {
  switch (format) {
    case "u8":
      return view.getUint8(offset)
    case "u16":
      return view.getUint16(offset, hostIsLittleEndian)
    case "u32":
      return view.getUint32(offset, hostIsLittleEndian)
    case "i32":
      return view.getInt32(offset, hostIsLittleEndian)
  }
}
