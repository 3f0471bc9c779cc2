import fc from "fast-check"
import assert from "node:assert/strict"
import { type Credits, takeTurn } from "./turn.ts"

/** Who takes turns, one after the other. */
function turns(weights: readonly number[], count: number): readonly string[] {
  const all = weights.map((weight, at) => ({ key: `${at}`, weight }))
  let credits: Credits = new Map()
  return Array.from({ length: count }, () => {
    const turn = takeTurn(all, credits)
    credits = turn.credits
    return turn.order[0]?.key ?? ""
  })
}

describe("takeTurn", () => {
  it("goes around where nobody has a weight, and names those that are next in their order", () => {
    const all = ["a", "b", "c", "d"].map((key) => ({ key, weight: 1 }))
    let credits: Credits = new Map()
    const orders = Array.from({ length: 5 }, () => {
      const turn = takeTurn(all, credits)
      credits = turn.credits
      return turn.order.map(({ key }) => key).join("")
    })
    assert.deepEqual(orders, ["abcd", "bcda", "cdab", "dabc", "abcd"])
  })

  it("goes around so for any number, from wherever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(60), (size, before) => {
        const all = Array.from({ length: size }, (_, at) => ({ key: `${at}`, weight: 1 }))
        let credits: Credits = new Map()
        for (let turn = 0; turn < before; turn++) credits = takeTurn(all, credits).credits
        const first = before % size
        const expected = [...all.slice(first), ...all.slice(0, first)]
        assert.deepEqual(takeTurn(all, credits).order, expected)
      }),
    )
  })

  it("spreads the turns of the heavy between those of the light", () => {
    assert.equal(turns([5, 1, 1], 7).join(""), "0010200")
  })

  it("gives everybody exactly its share in each round", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 4 }), (all, rounds) => {
        const total = all.reduce((sum, weight) => sum + weight, 0)
        const taken = turns(all, total * rounds)
        for (const [at, weight] of all.entries()) {
          assert.equal(taken.filter((key) => key === `${at}`).length, weight * rounds)
        }
      }),
    )
  })

  it("is never far off in the middle of a round", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 200 }), (all, count) => {
        const total = all.reduce((sum, weight) => sum + weight, 0)
        const taken = turns(all, count)
        for (const [at, weight] of all.entries()) {
          const got = taken.filter((key) => key === `${at}`).length
          const due = (count * weight) / total
          assert.ok(Math.abs(got - due) < all.length, `${at} got ${got}, and ${due} were due`)
        }
      }),
    )
  })

  it("gives shares also to those that only some requests may have", () => {
    const [a, b, c] = ["a", "b", "c"].map((key) => ({ key, weight: 1 }))
    assert.ok(a && b && c)
    let credits: Credits = new Map()
    const taken: string[] = []
    // Every other request may only go to c: those between must not all meet the same one.
    for (let count = 0; count < 12; count++) {
      const turn = takeTurn(count % 2 === 0 ? [a, b] : [c], credits)
      credits = turn.credits
      taken.push(turn.order[0]?.key ?? "")
    }
    assert.equal(taken.filter((key) => key === "a").length, 3)
    assert.equal(taken.filter((key) => key === "b").length, 3)
  })
})
