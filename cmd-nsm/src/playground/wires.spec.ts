import assert from "node:assert/strict"
import type { Reason } from "@nsm/sdk"
import { FakeClock } from "@nsm/sdk/testing"
import { settledWires } from "./wires.ts"

/** How long a client is waited for whose only wire stays as it is. */
async function waited(wire: object): Promise<number> {
  const clock = new FakeClock()
  const began = clock.now()
  const settled = settledWires({ get: async () => JSON.stringify([wire]) }, clock)
  const passed = settled.then(() => clock.now() - began)
  await clock.advance(30_000)
  return await passed
}

const failed = (reason: Reason) => ({
  state: "requesting",
  error: "it failed",
  lastError: { reason, text: "it failed" },
})

describe("settledWires", () => {
  it("does not wait once all wires are up", async () => {
    assert.ok((await waited({ state: "up" })) <= 25)
  })

  for (const [reason, least, most] of [
    ["ENDPOINT_NOT_FOUND", 2000, 2100],
    ["PEER_UNREACHABLE", 10_000, 10_100],
    ["DEADLINE_EXCEEDED", 10_000, 10_100],
  ] as const) {
    it(`gives a client that fails with ${reason} ${least / 1000} s`, async () => {
      const ms = await waited(failed(reason))
      assert.ok(ms > least && ms < most, `${ms} ms`)
    })
  }

  it("gives one that has no answer yet 20 s", async () => {
    const ms = await waited({ state: "requesting" })
    assert.ok(ms > 20_000 && ms < 20_100, `${ms} ms`)
  })
})
