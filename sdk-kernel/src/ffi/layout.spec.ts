import assert from "node:assert/strict"
import fc from "fast-check"
import { hostIsLittleEndian, layout } from "./layout.ts"

describe("layout", () => {
  const header = layout("header", { kind: "u8", flags: "u16", change: "i32", index: "u32" })

  it("puts fields one after the other in the host's byte order", () => {
    const bytes = header.encode({ kind: 1, flags: 0x0203, index: 4 })
    const expected = hostIsLittleEndian
      ? [1, 3, 2, 0, 0, 0, 0, 4, 0, 0, 0]
      : [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 4]
    assert.deepEqual([...bytes], expected)
  })

  it("decodes what it encodes", () => {
    const values = fc.record(
      {
        kind: fc.integer({ min: 0, max: 0xff }),
        flags: fc.integer({ min: 0, max: 0xffff }),
        change: fc.integer(),
        index: fc.integer({ min: 0, max: 0xffffffff }),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(values, (value) => assert.deepEqual(header.decode(header.encode(value)), value)),
    )
  })

  it("says what is too short", () => {
    assert.throws(() => header.decode(new Uint8Array(10)), {
      message: "MALFORMED_MESSAGE: decode header: 10 bytes, expected at least 11",
    })
  })
})
