import assert from "node:assert/strict"
import { type Random, seededRandom, systemRandom } from "./random.ts"

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const draws = (random: Random, count: number, below: number) =>
  Array.from({ length: count }, () => random.integer(below))

for (const [title, make] of [
  ["seededRandom", () => seededRandom(7)],
  ["systemRandom", () => systemRandom],
] as const) {
  describe(title, () => {
    it("gives whole numbers from 0 up to, not including, the limit, about as often each", () => {
      const counts = Array.from({ length: 10 }, () => 0)
      for (const drawn of draws(make(), 10_000, 10)) counts[drawn] = (counts[drawn] ?? NaN) + 1
      for (const count of counts) assert.ok(count > 800 && count < 1200, counts.join(" "))
    })

    it("gives UUIDs of version 4, each another", () => {
      const random = make()
      const uuids = Array.from({ length: 1000 }, () => random.uuid())
      for (const uuid of uuids) assert.match(uuid, form)
      assert.equal(new Set(uuids).size, 1000)
    })
  })
}

describe("seededRandom", () => {
  it("repeats itself for the same seed, and no other", () => {
    assert.deepEqual(draws(seededRandom(1), 5, 1000), draws(seededRandom(1), 5, 1000))
    assert.notDeepEqual(draws(seededRandom(1), 5, 1000), draws(seededRandom(2), 5, 1000))
    assert.equal(seededRandom(1).uuid(), seededRandom(1).uuid())
  })
})
