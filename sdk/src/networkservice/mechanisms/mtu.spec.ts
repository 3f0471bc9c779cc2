import assert from "node:assert/strict"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { grant } from "../tail.ts"
import { mtu } from "./mtu.ts"

describe("mtu", () => {
  elementContract(() => mtu())

  it("begins with 9000", async () => {
    const granted = await bind(mtu(), grant).request(requestOf(), testCall())
    assert.equal(granted.context?.MTU, 9000)
  })

  it("keeps what the request names, and the rest of the context", async () => {
    const context = { MTU: 1400, extraContext: { a: "b" } }
    const granted = await bind(mtu(), grant).request(requestOf({ context }), testCall())
    assert.equal(granted.context?.MTU, 1400)
    const other = await bind(mtu({ mtu: 1500 }), grant).request(
      requestOf({ context: { ...context, MTU: 0 } }),
      testCall(),
    )
    assert.equal(other.context?.MTU, 1500)
    assert.deepEqual(other.context.extraContext, { a: "b" })
  })
})
