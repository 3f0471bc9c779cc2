import assert from "node:assert/strict"

// Protobuf's encoding, written down once more and without any library, so that the golden vectors
// do not stand on the code that they judge.

/** Encodes a number in groups of seven bits, the lowest first. */
export function varint(value: number | bigint): number[] {
  const rest = BigInt(value) >> 7n
  const low = Number(BigInt(value) & 0x7fn)
  return rest === 0n ? [low] : [low | 0x80, ...varint(rest)]
}

/** Encodes a field that is a number, an enum or a truth value. */
export function int(field: number, value: number | bigint): number[] {
  return [...varint(field * 8), ...varint(value)]
}

/** Encodes a field that has a length: a nested message or bytes. */
export function nested(field: number, ...parts: number[][]): number[] {
  const body = parts.flat()
  return [...varint(field * 8 + 2), ...varint(body.length), ...body]
}

/** Encodes a field that is text. */
export function text(field: number, value: string): number[] {
  return nested(field, [...Buffer.from(value, "utf8")])
}

/** Encodes one entry of a map from text to text. */
export function entry(field: number, key: string, value: string): number[] {
  return nested(field, text(1, key), text(2, value))
}

describe("the encoding by hand", () => {
  it("writes numbers as protobuf's specification shows them", () => {
    assert.deepEqual(varint(1), [0x01])
    assert.deepEqual(varint(150), [0x96, 0x01])
    assert.deepEqual(int(1, 150), [0x08, 0x96, 0x01])
  })

  it("writes text as protobuf's specification shows it", () => {
    assert.deepEqual(text(2, "testing"), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
  })

  it("writes nested messages as protobuf's specification shows them", () => {
    assert.deepEqual(nested(3, int(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01])
  })
})
