import assert from "node:assert/strict"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { ipamContract } from "../../testing/ipam-contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { connectionState } from "../common/connection-state.ts"
import { ipContextOf } from "../connection.ts"
import { grant } from "../tail.ts"
import { parseCidrGroups } from "./cidr-groups.ts"
import { strictIpam } from "./strict.ts"

describe("strictIpam", () => {
  const groups = parseCidrGroups("10.0.0.0/24")

  elementContract(() => strictIpam({ groups }))
  ipamContract((pools, leases) => strictIpam({ groups: pools, leases }))

  it("takes away addresses of others, and the host routes to them, but no other route", async () => {
    const service = bind(chain("test", connectionState(), strictIpam({ groups })), grant)
    const ipContext = {
      srcIpAddrs: ["192.0.2.7/32", "10.0.0.7/32"],
      dstIpAddrs: ["192.0.2.6/32", "10.0.0.6/32"],
      srcRoutes: [{ prefix: "192.0.2.6/32" }, { prefix: "198.51.100.0/24" }],
      dstRoutes: [{ prefix: "192.0.2.7/32" }],
    }
    const granted = await service.request(requestOf({ context: { ipContext } }), testCall())
    const { srcIpAddrs, dstIpAddrs, srcRoutes, dstRoutes } = ipContextOf(granted)
    assert.deepEqual(srcIpAddrs, ["10.0.0.7/32"])
    assert.deepEqual(dstIpAddrs, ["10.0.0.6/32"])
    assert.deepEqual(
      srcRoutes.map(({ prefix }) => prefix),
      ["198.51.100.0/24", "10.0.0.6/32"],
    )
    assert.deepEqual(
      dstRoutes.map(({ prefix }) => prefix),
      ["10.0.0.7/32"],
    )
  })
})
