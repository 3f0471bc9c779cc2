import assert from "node:assert/strict"
import { ended, unlessEnded } from "./ended.ts"

describe("ended", () => {
  it("resolves when the signal fires, or has fired", async () => {
    const controller = new AbortController()
    let isOver = false
    const waiting = ended(controller.signal).then(() => (isOver = true))
    await Promise.resolve()
    assert.equal(isOver, false)
    controller.abort()
    await waiting
    await ended(controller.signal)
  })
})

describe("unlessEnded", () => {
  const enough = new Error("enough")

  it("gives what the promise gives", async () => {
    const { signal } = new AbortController()
    assert.equal(await unlessEnded(signal, Promise.resolve(1)), 1)
    await assert.rejects(unlessEnded(signal, Promise.reject(enough)), enough)
  })

  it("rejects with the reason of a signal that fires first, or has fired", async () => {
    const controller = new AbortController()
    const waiting = unlessEnded(controller.signal, new Promise(() => {}))
    controller.abort(enough)
    await assert.rejects(waiting, enough)
    await assert.rejects(unlessEnded(controller.signal, Promise.resolve(1)), enough)
  })
})
