import assert from "node:assert/strict"
import { NsmError } from "../core/errors.ts"
import { checked } from "./checked.ts"

describe("checked", () => {
  let asked: number
  let isOther: boolean
  beforeEach(() => {
    asked = 0
    isOther = true
  })
  const callee = { peer: { address: "unix:", renew: async () => isOther } }
  const askAgain = async (): Promise<string> => `answer ${++asked}`
  const only =
    (right: string, reason: "PERMISSION_DENIED" | "POLICY_FAILED" = "PERMISSION_DENIED") =>
    async (answer: string): Promise<void> => {
      if (answer !== right) throw new NsmError(reason, `${answer} is wrong`)
    }

  it("takes an answer that passes", async () => {
    assert.equal(await checked("first", callee, askAgain, only("first")), "first")
    assert.equal(asked, 0)
  })

  it("asks again who shows another certificate now", async () => {
    assert.equal(await checked("first", callee, askAgain, only("answer 1")), "answer 1")
  })

  it("asks once more and never again", async () => {
    await assert.rejects(checked("first", callee, askAgain, only("right")), /answer 1 is wrong/)
    assert.equal(asked, 1)
  })

  it("asks nobody again who shows what it has shown", async () => {
    isOther = false
    await assert.rejects(checked("first", callee, askAgain, only("right")), /first is wrong/)
    await assert.rejects(checked("first", {}, askAgain, only("right")), /first is wrong/)
    assert.equal(asked, 0)
  })

  it("asks nobody again where a policy could not be evaluated", async () => {
    const check = only("right", "POLICY_FAILED")
    await assert.rejects(checked("first", callee, askAgain, check), /first is wrong/)
    assert.equal(asked, 0)
  })
})
