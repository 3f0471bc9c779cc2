import assert from "node:assert/strict"
import { LoopTurns } from "./loop-turns.ts"

describe("LoopTurns", () => {
  it("gives each caller a turn of the event loop of its own, in the order in which they asked", async () => {
    const turns = new LoopTurns()
    const seen: string[] = []
    const callers = ["a", "b", "c"].map(async (name) => {
      await turns.next()
      seen.push(name)
      setImmediate(() => seen.push(`what came of ${name}`))
    })
    await Promise.all(callers)
    assert.deepEqual(seen, ["a", "what came of a", "b", "what came of b", "c"])
  })
})
