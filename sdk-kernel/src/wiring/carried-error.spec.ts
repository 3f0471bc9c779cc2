import assert from "node:assert/strict"
import { causes, NsmError } from "@nsm/sdk"
import { carried, carriedHere } from "./carried-error.ts"

describe("an error that is carried from thread to thread", () => {
  const across = (thrown: unknown): NsmError => carriedHere(structuredClone(carried(thrown)))

  it("keeps its reason, code, text and remedy", () => {
    const error = new NsmError("INTERFACE_NAME_TAKEN", "it exists", {
      ...{ code: "ABORTED", remedy: "choose another" },
    })
    const { reason, code, text, remedy, message } = error
    const there = across(error)
    assert.deepEqual(
      [there.reason, there.code, there.text, there.remedy, there.message],
      [reason, code, text, remedy, message],
    )
    assert.deepEqual(causes(there), [])
  })

  it("keeps what led to it, and what failed beside that", () => {
    const first = new NsmError("KERNEL_REFUSED", "first")
    const second = new NsmError("PRIVILEGE_MISSING", "second", { cause: first })
    const both = new AggregateError([first, second])
    const there = across(new NsmError("KERNEL_REFUSED", "all", { cause: both }))
    const texts = (error: unknown): unknown => {
      const { reason, text } = NsmError.from(error)
      return [reason, text, ...causes(error).map(texts)]
    }
    assert.deepEqual(texts(there), [
      ...["KERNEL_REFUSED", "all"],
      ["KERNEL_REFUSED", "first"],
      ["PRIVILEGE_MISSING", "second", ["KERNEL_REFUSED", "first"]],
    ])
  })

  it("is a defect when it was none of ours", () => {
    const there = across(new TypeError("odd"))
    assert.deepEqual([there.reason, there.text], ["INTERNAL", "odd"])
    const [cause] = causes(there)
    assert.ok(cause instanceof Error)
    assert.match(cause.stack ?? "", /TypeError: odd\n[^]*carried-error\.spec/)
  })
})
