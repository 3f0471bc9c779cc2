import assert from "node:assert/strict"
import { Turns } from "./turns.ts"

describe("Turns", () => {
  it("lets no more run at once than it has places, and all in the end", async () => {
    const turns = new Turns(2)
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    let [running, most, done] = [0, 0, 0]
    const all = gates.map(({ promise }) =>
      turns.take(async () => {
        most = Math.max(most, ++running)
        await promise
        running--
        done++
      }),
    )
    for (const { resolve } of gates) resolve()
    await Promise.all(all)
    assert.deepEqual({ most, done, running }, { most: 2, done: 5, running: 0 })
  })

  it("gives the place of one that failed to the next", async () => {
    const turns = new Turns(1)
    await assert.rejects(
      turns.take(() => Promise.reject(new Error("failed"))),
      { message: "failed" },
    )
    assert.equal(await turns.take(() => Promise.resolve("next")), "next")
  })
})
