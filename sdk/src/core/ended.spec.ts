import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { ended, unlessEnded } from "./ended.ts"

describe("ended", () => {
  it("resolves when the signal fires, or at once when it has", async () => {
    const controller = new AbortController()
    const ending = ended(controller.signal)
    controller.abort()
    await ending
    await ended(controller.signal)
  })
})

describe("unlessEnded", () => {
  it("gives what the promise gives, and leaves no listener", async () => {
    const { signal } = new AbortController()
    assert.equal(await unlessEnded(signal, Promise.resolve(1)), 1)
    await assert.rejects(unlessEnded(signal, Promise.reject(new Error("no"))), { message: "no" })
    assert.equal(getEventListeners(signal, "abort").length, 0)
  })

  it("rejects for the signal's reason when that fires first, or has", async () => {
    const controller = new AbortController()
    const waiting = unlessEnded(controller.signal, new Promise(() => {}))
    controller.abort(new Error("given up"))
    await assert.rejects(waiting, { message: "given up" })
    await assert.rejects(unlessEnded(controller.signal, Promise.resolve(1)), {
      message: "given up",
    })
  })
})
