import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MonitorScopeSelectorSchema } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { grant } from "../tail.ts"
import { connectTo } from "./connect-to.ts"
import { nextUrl } from "./next-url.ts"

describe("connectTo", () => {
  elementContract(() => connectTo("unix:///run/nsm.sock"))

  it("sends requests, closes and watches to the URL", async () => {
    const seen = record()
    const service = bind(chain("client", connectTo("unix:///run/nsm.sock"), seen), grant)
    const granted = await service.request(requestOf(), testCall())
    await service.close(granted, testCall())
    service.monitorConnections(create(MonitorScopeSelectorSchema), testCall())
    const urls = [...seen.requests, ...seen.closes, ...seen.watches].map(({ call }) =>
      call.get(nextUrl),
    )
    assert.deepEqual(urls, Array(3).fill("unix:///run/nsm.sock"))
  })
})
