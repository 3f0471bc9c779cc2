import assert from "node:assert/strict"
import { bind, chain, element } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn } from "../../testing/probes.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { connectionKey, connectionState } from "./connection-state.ts"

/** A chain in which an element counts the requests of each connection. */
function counting(fails: Parameters<typeof failOn>[0] = {}) {
  const counts = connectionKey<number>("count")
  const seen: (number | undefined)[] = []
  const count = element<NetworkService>("count", (next) => ({
    async request(request, call) {
      seen.push(counts.get(call))
      counts.set(call, (counts.get(call) ?? 0) + 1)
      return next.request(request, call)
    },
    async close(connection, call) {
      seen.push(counts.take(call), counts.get(call))
      await next.close(connection, call)
    },
  }))
  const service = bind(chain("hop", connectionState(), count, failOn(fails)), grant)
  const request = (id: string) => service.request(requestOf({ id }), testCall())
  const close = (id: string) => service.close(connectionOf(requestOf({ id })), testCall())
  return { seen, request, close }
}

describe("connectionState", () => {
  elementContract(() => connectionState(), { before: () => [] })

  it("keeps values from request to request, per connection", async () => {
    const { seen, request } = counting()
    for (const id of ["a", "a", "b", "a"]) await request(id)
    assert.deepEqual(seen, [undefined, 1, undefined, 2])
  })

  it("hands them to the close, and then forgets them", async () => {
    const { seen, request, close } = counting()
    await request("a")
    await close("a")
    await request("a")
    assert.deepEqual(seen, [undefined, 1, undefined, undefined])
  })

  it("forgets the values of a first request that fails", async () => {
    const { seen, request } = counting({ request: 1 })
    await assert.rejects(request("a"))
    await request("a")
    assert.deepEqual(seen, [undefined, undefined])
  })

  it("keeps the values when a later request fails", async () => {
    const { seen, request } = counting({ request: 2 })
    await request("a")
    await assert.rejects(request("a"))
    await request("a")
    assert.deepEqual(seen, [undefined, 1, 2])
  })

  it("says so when it is missing", () => {
    assert.throws(() => connectionKey("count").get(testCall()), {
      reason: "INTERNAL",
      text: "count: no connection-state element before this one",
    })
  })
})
