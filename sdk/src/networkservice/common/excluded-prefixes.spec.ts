import assert from "node:assert/strict"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { ipContextOf } from "../connection.ts"
import { grant } from "../tail.ts"
import { excludedPrefixes } from "./excluded-prefixes.ts"

describe("excludedPrefixes", () => {
  elementContract(() => excludedPrefixes({ source: { prefixes: ["10.0.0.0/8"] } }))

  it("adds what the node excludes now to what the client excludes, each once", async () => {
    const source = { prefixes: ["10.0.0.0/8", "fd00::/8"] }
    const service = bind(excludedPrefixes({ source }), grant)
    const context = { ipContext: { excludedPrefixes: ["192.0.2.0/24", "10.0.0.0/8"] } }
    const granted = await service.request(requestOf({ context }), testCall())
    const expected = ["192.0.2.0/24", "10.0.0.0/8", "fd00::/8"]
    assert.deepEqual(ipContextOf(granted).excludedPrefixes, expected)
    source.prefixes = ["198.51.100.0/24"]
    const again = await service.request(requestOf({ context }), testCall())
    assert.deepEqual(ipContextOf(again).excludedPrefixes.slice(2), ["198.51.100.0/24"])
  })

  it("leaves a request alone where the node excludes nothing", async () => {
    const service = bind(excludedPrefixes({ source: { prefixes: [] } }), grant)
    const granted = await service.request(requestOf(), testCall())
    assert.equal(granted.context, undefined)
  })
})
