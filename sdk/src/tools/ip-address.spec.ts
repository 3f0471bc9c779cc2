import assert from "node:assert/strict"
import { addressNumber, addressText } from "./ip-address.ts"

describe("addressNumber and addressText", () => {
  const cases: readonly (readonly [family: 4 | 6, text: string, value: bigint, usual: string])[] = [
    [4, "0.0.0.0", 0n, "0.0.0.0"],
    [4, "192.0.2.1", 0xc0000201n, "192.0.2.1"],
    [4, "255.255.255.255", 0xffffffffn, "255.255.255.255"],
    [6, "::", 0n, "::"],
    [6, "::1", 1n, "::1"],
    [6, "1::", 1n << 112n, "1::"],
    [6, "::ffff:192.0.2.1", 0xffffc0000201n, "::ffff:c000:201"],
    [6, "2001:DB8:0:0:1:0:0:1", 0x20010db8000000000001000000000001n, "2001:db8::1:0:0:1"],
    [6, "1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n, "1:2:3:4:5:6:7:8"],
    [6, "1:2:3:4:5:6:7::", 0x00010002000300040005000600070000n, "1:2:3:4:5:6:7:0"],
    [6, "1:2:3:4:5:6:1.2.3.4", 0x00010002000300040005000601020304n, "1:2:3:4:5:6:102:304"],
  ]
  for (const [family, text, value, usual] of cases) {
    it(`reads ${text} and writes ${usual}`, () => {
      assert.equal(addressNumber(family, text), value)
      assert.equal(addressText(family, value), usual)
    })
  }
})
