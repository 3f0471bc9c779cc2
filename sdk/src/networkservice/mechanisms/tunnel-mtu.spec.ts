import assert from "node:assert/strict"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { grant } from "../tail.ts"
import { limitMtu, lowerMtu, tunnelMtu } from "./tunnel-mtu.ts"

describe("tunnelMtu", () => {
  const cases = [
    ["VXLAN", "10.0.0.1", 1446],
    ["VXLAN", "fd00::1", 1426],
    ["WIREGUARD", "10.0.0.1", 1440],
    ["WIREGUARD", "fd00::1", 1420],
    ["IPSEC", "10.0.0.1", 1419],
    ["IPSEC", "fd00::1", 1399],
  ] as const
  for (const [type, tunnelIp, mtu] of cases) {
    it(`leaves ${mtu} of 1500 bytes for ${type} from ${tunnelIp}`, () => {
      assert.equal(tunnelMtu({ type, tunnelIp, linkMtu: 1500 }), mtu)
    })
  }
})

describe("lowerMtu", () => {
  it("takes the lower one, and any before none", () => {
    assert.equal(lowerMtu(1500, 1446), 1446)
    assert.equal(lowerMtu(0, 1446), 1446)
    assert.equal(lowerMtu(1446, 0), 1446)
    assert.equal(lowerMtu(0, 0), 0)
  })
})

describe("limitMtu", () => {
  const request = (offered: string, MTU: number) =>
    requestOf({ mechanism: { type: "VXLAN", parameters: { MTU: offered } }, context: { MTU } })

  elementContract(() => limitMtu({ mtu: 1446 }), { request: () => request("1400", 9000) })

  const cases: readonly (readonly [string, number, string, number])[] = [
    ["1400", 9000, "1400", 1400],
    ["1500", 9000, "1446", 1446],
    ["", 0, "1446", 1446],
    ["none", 1300, "1446", 1300],
  ]
  for (const [offered, context, mechanismMtu, contextMtu] of cases) {
    it(`makes ${mechanismMtu} and ${contextMtu} of "${offered}" and ${context}`, async () => {
      const granted = await bind(limitMtu({ mtu: 1446 }), grant).request(
        request(offered, context),
        testCall(),
      )
      assert.equal(granted.mechanism?.parameters["MTU"], mechanismMtu)
      assert.equal(granted.context?.MTU, contextMtu)
    })
  }

  it("has nothing to limit without a mechanism", async () => {
    const granted = await bind(limitMtu({ mtu: 1446 }), grant).request(requestOf(), testCall())
    assert.equal(granted.context, undefined)
  })
})
