import assert from "node:assert/strict"
import { FakeClock } from "../testing/fake-clock.ts"
import { unsignedTokens } from "./token.ts"

describe("unsignedTokens", () => {
  it("gives empty tokens that hold for ten minutes from now", async () => {
    const clock = new FakeClock(0)
    const tokens = unsignedTokens({ clock })
    assert.deepEqual(tokens.token(undefined), { token: "", expiresAt: 600_000 })
    await clock.advance(1000)
    assert.deepEqual(tokens.token({ address: "a" }), { token: "", expiresAt: 601_000 })
  })

  it("gives tokens of another lifetime", () => {
    const tokens = unsignedTokens({ clock: new FakeClock(0), lifetimeMs: 1000 })
    assert.equal(tokens.token(undefined).expiresAt, 1000)
  })
})
