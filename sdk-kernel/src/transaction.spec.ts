import assert from "node:assert/strict"
import { causes, NsmError, rootCause } from "@nsm/sdk"
import { transaction } from "./transaction.ts"

describe("transaction", () => {
  it("leaves everything as done when nothing fails", async () => {
    const log: string[] = []
    const result = await transaction((undo) => {
      undo("one", () => void log.push("one"))
      return "done"
    })
    assert.deepEqual([result, log], ["done", []])
  })

  it("takes everything back in reverse order, one after the other, when something fails", async () => {
    const log: string[] = []
    const failing = transaction((undo) => {
      undo("one", () => void log.push("one"))
      undo("two", async () => {
        log.push("two begins")
        await Promise.resolve()
        log.push("two ends")
      })
      throw new NsmError("KERNEL_REFUSED", "three")
    })
    await assert.rejects(failing, { message: "KERNEL_REFUSED: three" })
    assert.deepEqual(log, ["two begins", "two ends", "one"])
  })

  it("takes back the rest, and tells, when something cannot be taken back", async () => {
    const log: string[] = []
    const failing = transaction((undo) => {
      undo("delete one", () => void log.push("one"))
      undo("delete two", () => Promise.reject(new NsmError("PRIVILEGE_MISSING", "not allowed")))
      throw new NsmError("LINK_NOT_FOUND", "three")
    })
    const failure = NsmError.from(await failing.catch((thrown: unknown) => thrown))
    assert.deepEqual(log, ["one"])
    assert.equal(failure.reason, "LINK_NOT_FOUND")
    assert.deepEqual(causes(failure).map(String), [
      "NsmError: PRIVILEGE_MISSING: delete two: not allowed",
      "NsmError: LINK_NOT_FOUND: three",
    ])
    assert.equal(rootCause(failure).text, "three")
  })
})
