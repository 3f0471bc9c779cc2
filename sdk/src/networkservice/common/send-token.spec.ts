import assert from "node:assert/strict"
import { Header } from "@nsm/api"
import { sentMetadata } from "../../core/call.ts"
import { bind, chain } from "../../core/chain.ts"
import { unsignedTokens } from "../../identity/token.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { grant } from "../tail.ts"
import { sendToken } from "./send-token.ts"

describe("sendToken", () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const tokens = unsignedTokens({ clock, lifetimeMs: 60_000 })

  elementContract(() => sendToken({ tokens }))

  it("sends the token and its end beside headers that are there", async () => {
    const seen = record()
    const call = testCall({ clock }).with(sentMetadata, new Map([["traceparent", "00-1"]]))
    await bind(chain("hop", sendToken({ tokens }), seen), grant).request(requestOf(), call)
    assert.deepEqual(Object.fromEntries(seen.requests[0]?.call.get(sentMetadata) ?? []), {
      traceparent: "00-1",
      [Header.clientToken]: "",
      [Header.clientTokenExpires]: "2026-01-01T00:01:00.000Z",
    })
  })
})
