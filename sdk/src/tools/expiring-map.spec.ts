import assert from "node:assert/strict"
import { FakeClock } from "../testing/fake-clock.ts"
import { ExpiringMap } from "./expiring-map.ts"

describe("ExpiringMap", () => {
  it("gives what has neither ended nor been deleted", async () => {
    const clock = new FakeClock()
    const map = new ExpiringMap<string>(clock)
    map.set("a", "A", clock.now() + 10)
    map.set("b", "B", clock.now() + 20)
    map.set("c", "C", Infinity)
    map.set("c", "CC", Infinity)
    assert.deepEqual(map.values(), ["A", "B", "CC"])
    assert.deepEqual(
      ["a", "c", "d"].map((key) => map.get(key)),
      ["A", "CC", undefined],
    )
    await clock.advance(10)
    assert.equal(map.get("a"), undefined)
    map.delete("c")
    assert.deepEqual(map.values(), ["B"])
  })

  it("drops what has ended even when nobody asks", async () => {
    const clock = new FakeClock()
    const map = new ExpiringMap<number>(clock)
    for (let minute = 0; minute < 100; minute++) {
      for (let at = 0; at < 100; at++) map.set(`${minute}-${at}`, at, clock.now() + 60_000)
      await clock.advance(60_000)
    }
    assert.ok(map.size <= 300, `${map.size} are held`)
  })
})
