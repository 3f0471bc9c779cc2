import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../../core/errors.ts"
import { framed, Messages, OnlyMessage } from "./messages.ts"

describe("messages in a stream", () => {
  const text = (message: Buffer): string => message.toString()
  const refused = (code: string, pattern: RegExp) => (thrown: unknown) => {
    assert.ok(thrown instanceof NsmError)
    assert.deepEqual([thrown.reason, thrown.code], ["MALFORMED_MESSAGE", code])
    assert.match(thrown.text, pattern)
    return true
  }

  it("have gRPC's prefix", () => {
    assert.deepEqual([...framed(Buffer.from("abc"))], [0, 0, 0, 0, 3, 97, 98, 99])
  })

  it("are found wherever the bytes are cut", () => {
    const cuts = fc.array(fc.nat(200))
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 })), cuts, (sent, at) => {
        const bytes = Buffer.concat(sent.map((each) => framed(Buffer.from(each))))
        const ends = [...new Set([...at.filter((cut) => cut < bytes.length), bytes.length])]
        const found = new Messages()
        let from = 0
        const came = ends
          .toSorted((one, other) => one - other)
          .flatMap((to) => {
            const messages = found.add(bytes.subarray(from, to))
            from = to
            return messages
          })
        found.end()
        assert.deepEqual(
          came.map(text),
          sent.map((each) => Buffer.from(each).toString()),
        )
      }),
    )
  })

  it("survive bytes that nobody framed", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const messages = new Messages()
        try {
          for (const piece of pieces) messages.add(Buffer.from(piece))
          messages.end()
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError)
        }
      }),
    )
  })

  it("must be whole at the end", () => {
    const messages = new Messages()
    messages.add(framed(Buffer.from("abc")).subarray(0, 7))
    assert.throws(() => messages.end(), refused("INVALID_ARGUMENT", /only in part/))
  })

  it("are refused by their prefix when they are compressed or too long", () => {
    const compressed = Buffer.from([1, 0, 0, 0, 9])
    assert.throws(() => new Messages().add(compressed), refused("UNIMPLEMENTED", /compressed/))
    const long = Buffer.from([0, 0, 0x40, 0, 1])
    assert.throws(() => new Messages().add(long), refused("RESOURCE_EXHAUSTED", /4194305 bytes/))
    assert.deepEqual(new Messages().add(Buffer.from([0, 0, 0x40, 0, 0])), [])
  })

  it("must be one where one is expected", () => {
    const only = new OnlyMessage()
    assert.throws(() => only.whole, refused("INVALID_ARGUMENT", /no message/))
    only.add(framed(Buffer.from("abc")))
    assert.equal(text(only.whole), "abc")
    assert.throws(() => only.add(framed(Buffer.from("d"))), refused("INVALID_ARGUMENT", /more/))
  })
})
