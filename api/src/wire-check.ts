import type { DescField, DescMessage } from "@bufbuild/protobuf"
import { ScalarType } from "@bufbuild/protobuf"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"

/** Throws unless the bytes are well formed for one kind of message. */
export type WireCheck = (bytes: Uint8Array) => void

/**
 * Makes the check of a kind of message, to be run before `fromBinary`.
 *
 * `fromBinary` alone reads a known field whatever its wire type and lets a nested message run on
 * past its length, so that broken bytes could come out as a message that nobody has sent.
 */
export function wireCheck(schema: DescMessage): WireCheck {
  const check = messageCheck(schema, new Map())
  return (bytes) => check(new BinaryReader(bytes), bytes.length)
}

/** Checks what a reader reads from where it is up to an end, as one kind of message. */
type Check = (reader: BinaryReader, end: number) => void

function messageCheck(schema: DescMessage, made: Map<string, Check>): Check {
  const fields = new Map<number, Field>()
  const check = checkOf(schema.typeName, fields)
  // Known before its fields are looked at, for messages that contain themselves.
  made.set(schema.typeName, check)
  const nested = (message: DescMessage) => made.get(message.typeName) ?? messageCheck(message, made)
  for (const field of schema.fields) {
    fields.set(field.number, fieldOf(field, nested))
  }
  return check
}

interface Field {
  readonly name: string
  readonly wireType: WireType
  /** Whether several values may stand together as one length-delimited field. */
  readonly packable: boolean
  readonly nested?: Check
}

function checkOf(typeName: string, fields: ReadonlyMap<number, Field>): Check {
  return (reader, end) => {
    while (reader.pos < end) {
      const [number, wireType] = reader.tag()
      const field = fields.get(number)
      const isDelimited = wireType === WireType.LengthDelimited
      if (field && wireType !== field.wireType && !(field.packable && isDelimited)) {
        const found = `wire type ${wireType}, not ${field.wireType}`
        throw new Error(`field ${number} (${field.name}) of ${typeName} has ${found}`)
      }
      if (isDelimited) {
        // Without a view of each value, of which nobody wants to know more than where it ends.
        const length = reader.uint32()
        const last = reader.pos + length
        if (last > end) throw premature()
        field?.nested?.(reader, last)
        reader.pos = last
      } else {
        reader.skip(wireType, number)
      }
    }
    if (reader.pos > end) throw premature()
  }
}

/** As the reader says it. */
function premature(): RangeError {
  return new RangeError("premature EOF")
}

type Nested = (message: DescMessage) => Check

function fieldOf(field: DescField, nested: Nested): Field {
  if (field.fieldKind === "map") {
    const key = valueOf("key", field.mapKey, undefined, nested)
    const value = valueOf("value", field.scalar, field.message, nested)
    const entry = new Map([
      [1, key],
      [2, value],
    ])
    const check = checkOf(`an entry of ${field.name}`, entry)
    return { name: field.name, wireType: WireType.LengthDelimited, packable: false, nested: check }
  }
  const packable = field.fieldKind === "list"
  return { ...valueOf(field.name, field.scalar, field.message, nested), packable }
}

function valueOf(
  name: string,
  scalar: ScalarType | undefined,
  message: DescMessage | undefined,
  nested: Nested,
): Field {
  return message === undefined
    ? { name, wireType: scalarWireType(scalar), packable: false }
    : { name, wireType: WireType.LengthDelimited, packable: false, nested: nested(message) }
}

/** Gives the wire type of a scalar; enums have none and travel as varints. */
function scalarWireType(scalar: ScalarType | undefined): WireType {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited
    default:
      return WireType.Varint
  }
}
