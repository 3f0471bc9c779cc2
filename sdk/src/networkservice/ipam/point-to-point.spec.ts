import assert from "node:assert/strict"
import { bind, chain } from "../../core/chain.ts"
import { parsePrefix, type Prefix } from "../../tools/prefix.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { connectionState } from "../common/connection-state.ts"
import { ipContextOf } from "../connection.ts"
import { grant } from "../tail.ts"
import { pointToPointIpam } from "./point-to-point.ts"

// What it does with addresses is held by the contract, in group.spec.ts and strict.spec.ts.
describe("pointToPointIpam", () => {
  const prefixes = [prefix("fd00::/64")]

  elementContract(() => pointToPointIpam({ prefixes }))

  it("serves many connections of a large pool, each with addresses of its own", async () => {
    const service = bind(chain("test", connectionState(), pointToPointIpam({ prefixes })), grant)
    const given = new Set<string>()
    for (let index = 0; index < 2000; index++) {
      const granted = await service.request(requestOf({ id: `c-${index}` }), testCall())
      const { srcIpAddrs, dstIpAddrs } = ipContextOf(granted)
      for (const address of [...srcIpAddrs, ...dstIpAddrs]) given.add(address)
    }
    assert.equal(given.size, 4000)
    assert.ok(given.has("fd00::f9f/128"), "they are not the lowest ones")
  })
})

function prefix(text: string): Prefix {
  return parsePrefix(text) ?? assert.fail(`${text} is not a prefix`)
}
