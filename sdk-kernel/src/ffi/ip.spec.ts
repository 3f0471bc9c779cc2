import assert from "node:assert/strict"
import fc from "fast-check"
import { ipText, parseIp, parsePrefix } from "./ip.ts"

describe("IP addresses", () => {
  it("are read back from their text", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    fc.assert(fc.property(bytes, (value) => assert.deepEqual(parseIp(ipText(value)).bytes, value)))
  })

  it("have a prefix of their full length unless it is given", () => {
    assert.equal(parsePrefix("192.0.2.1").length, 32)
    assert.equal(parsePrefix("2001:db8::1").length, 128)
    assert.equal(parsePrefix("::/0").length, 0)
  })

  for (const text of ["", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4\0", "fe80::1%lo", "localhost"]) {
    it(`are refused when they read ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseIp(text), { reason: "INVALID_REQUEST" })
    })
  }

  for (const text of ["1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/24/24"]) {
    it(`are refused with a prefix that reads ${text}`, () => {
      assert.throws(() => parsePrefix(text), { reason: "INVALID_REQUEST" })
    })
  }
})
