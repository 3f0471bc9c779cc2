import assert from "node:assert/strict"
import fc from "fast-check"
import { percentDecode, percentEncode } from "./percent.ts"

describe("texts in headers", () => {
  it("stay readable", () => {
    assert.equal(percentEncode("100 % of [nse-1]"), "100 %25 of [nse-1]")
    assert.equal(percentEncode(" a\nb "), "%20a%0Ab%20")
    assert.equal(percentEncode("Gerät €"), "Ger%C3%A4t %E2%82%AC")
  })

  it("come back as they were, and are printable on their way", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const sent = percentEncode(text)
        assert.match(sent, /^(?:[!-~](?:[ -~]*[!-~])?)?$/)
        assert.equal(percentDecode(sent), text)
      }),
    )
  })

  it("survive peers that encode them wrongly", () => {
    for (const text of ["50 % done", "%C3", "%zz"]) assert.equal(percentDecode(text), text)
  })
})
