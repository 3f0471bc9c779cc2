import assert from "node:assert/strict"
import { toBinary } from "@bufbuild/protobuf"
import { ConnectionSchema } from "@nsm/api"
import fc from "fast-check"
import { requestAtHop } from "../../../testing/messages.ts"
import { connectionOf } from "../../connection.ts"
import { mostBytesOf } from "./most-bytes.ts"

describe("mostBytesOf", () => {
  const connection = connectionOf(requestAtHop("hop", "a"))

  it("is never less than a connection takes, whatever is in it", () => {
    const texts = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))
    const numbers = fc.record({ MTU: fc.nat(2 ** 32 - 1) })
    fc.assert(
      fc.property(texts, numbers, (labels, { MTU }) => {
        const wellFormed = Object.entries(labels).map((pair) =>
          pair.map((text) => text.toWellFormed()),
        )
        const one = {
          ...connection,
          labels: Object.fromEntries(wellFormed) as Record<string, string>,
          context: {
            $typeName: "connectioncontext.ConnectionContext" as const,
            extraContext: {},
            MTU,
          },
        }
        assert.ok(mostBytesOf(one) >= toBinary(ConnectionSchema, one).length)
      }),
    )
  })

  it("is not much more than three times as much for what is long", () => {
    const long = { ...connection, labels: { long: "x".repeat(100_000) } }
    const bytes = toBinary(ConnectionSchema, long).length
    assert.ok(mostBytesOf(long) < 3.1 * bytes, `${mostBytesOf(long)} of ${bytes}`)
  })
})
