import assert from "node:assert/strict"
import { testCall } from "../testing/call.ts"
import { createKey } from "./key.ts"

describe("createKey", () => {
  it("makes keys that never meet, even under one name", () => {
    const [one, other] = [createKey("name", 0), createKey("name", 0)]
    const call = testCall().with(one, 1)
    assert.equal(call.get(one), 1)
    assert.equal(call.get(other), 0)
  })

  it("tells a value of undefined from none", () => {
    const key = createKey<number | undefined>("name", 1)
    assert.equal(testCall().get(key), 1)
    assert.equal(testCall().with(key, undefined).get(key), undefined)
  })
})
