import assert from "node:assert/strict"
import { bisect, type Tried } from "./bisect.ts"

/** Bisects a row written as one letter each: good, bad or untold. */
async function turnOf(row: string): Promise<{ good: number; bad: number; tries: number }> {
  const words: Readonly<Record<string, Tried>> = { g: "good", b: "bad", u: "untold" }
  let tries = 0
  const turn = await bisect(row.length, async (index) => {
    tries += 1
    return words[row[index] ?? ""] ?? "untold"
  })
  return { ...turn, tries }
}

describe("bisecting", () => {
  it("finds the first that is bad, wherever it is, with few tries", async () => {
    for (let count = 1; count <= 33; count++) {
      for (let bad = 0; bad < count; bad++) {
        const found = await turnOf("g".repeat(bad) + "b".repeat(count - bad))
        assert.deepEqual([found.good, found.bad], [bad - 1, bad])
        assert.ok(found.tries <= Math.ceil(Math.log2(count)), `${found.tries} of ${count}`)
      }
    }
  })

  it("passes by those that cannot be told", async () => {
    assert.deepEqual(await turnOf("ggguubb"), { good: 2, bad: 5, tries: 4 })
    assert.deepEqual(await turnOf("gugbubb"), { good: 2, bad: 3, tries: 3 })
    assert.deepEqual(await turnOf("uuub"), { good: -1, bad: 3, tries: 3 })
  })
})
