import assert from "node:assert/strict"
import { NsmError } from "../core/errors.ts"
import { loggable } from "./loggable.ts"

describe("loggable", () => {
  for (const name of [
    "token",
    "clientToken",
    "nsm-client-token",
    "privateKey",
    "password",
    "SECRET_OF_MINE",
  ]) {
    it(`hides ${name} at any depth`, () => {
      const shown = JSON.stringify(loggable({ a: [{ [name]: "hush" }], [name]: "hush" }))
      assert.ok(!shown.includes("hush"), shown)
    })
  }

  it("leaves names that only look secret", () => {
    const fields = { publicKey: "a", tokens: 3, keyspace: "b", token: "" }
    assert.deepEqual(loggable(fields), fields)
  })

  it("lays errors out with reason, place, remedy and causes", () => {
    const cause = new NsmError("ADDRESSES_EXHAUSTED", "pool 10.0.0.0/31 is full", { hop: "nse" })
    const error = new NsmError("ALL_CANDIDATES_FAILED", "1 endpoint was tried", { cause })
    const { error: shown } = loggable({ error }) as { error: Record<string, unknown> }
    assert.equal(shown["reason"], "ALL_CANDIDATES_FAILED")
    assert.equal(shown["code"], "UNAVAILABLE")
    assert.equal(shown["text"], "1 endpoint was tried")
    assert.equal(shown["stack"], undefined)
    const [inner] = shown["causes"] as { hop: string; remedy: string }[]
    assert.equal(inner?.hop, "nse")
    assert.equal(inner.remedy, cause.remedy)
  })

  it("survives what JSON cannot hold", () => {
    const loop: Record<string, unknown> = { big: 1n, when: new Date(0) }
    loop["self"] = loop
    const shown = loggable({ loop, ids: new Set([1]), names: new Map([["a", 1n]]) })
    assert.ok(JSON.stringify(shown).length < 1000)
    assert.deepEqual(shown["ids"], [1])
    assert.deepEqual(shown["names"], { a: "1" })
  })
})
