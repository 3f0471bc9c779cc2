import assert from "node:assert/strict"
import fc from "fast-check"
import { FakeClock } from "../testing/fake-clock.ts"
import { Deadlines } from "./deadlines.ts"

describe("Deadlines", () => {
  const make = () => {
    const clock = new FakeClock(0)
    const passed: string[] = []
    const deadlines = new Deadlines({ clock, due: (key) => passed.push(`${key}@${clock.now()}`) })
    return { clock, passed, deadlines }
  }

  it("come up in the order of their times, on one timer", async () => {
    const { clock, passed, deadlines } = make()
    for (const [key, at] of Object.entries({ c: 30, a: 10, d: 21, b: 20 })) deadlines.set(key, at)
    assert.equal(clock.pending, 1)
    await clock.advance(25)
    assert.deepEqual(passed, ["a@10", "b@20", "d@21"])
    await clock.advance(5)
    assert.deepEqual(passed.slice(3), ["c@30"])
    assert.equal(clock.pending, 0)
  })

  it("are replaced and forgotten", async () => {
    const { clock, passed, deadlines } = make()
    deadlines.set("a", 10)
    deadlines.set("a", 30)
    deadlines.set("b", 20)
    deadlines.delete("b")
    deadlines.set("c", 30)
    deadlines.set("c", 5)
    await clock.advance(100)
    assert.deepEqual(passed, ["c@5", "a@30"])
    assert.equal(deadlines.size, 0)
  })

  it("that have passed already come up at once", async () => {
    const { clock, passed, deadlines } = make()
    await clock.advance(50)
    deadlines.set("a", 10)
    await clock.advance(0)
    assert.deepEqual(passed, ["a@50"])
  })

  it("may be set from within one that comes up", async () => {
    const clock = new FakeClock(0)
    const passed: number[] = []
    const deadlines = new Deadlines({
      clock,
      due(key) {
        passed.push(clock.now())
        if (passed.length < 3) deadlines.set(key, clock.now() + 10)
      },
    })
    deadlines.set("a", 10)
    await clock.advance(100)
    assert.deepEqual(passed, [10, 20, 30])
  })

  it("do not come up after disposal", async () => {
    const { clock, passed, deadlines } = make()
    deadlines.set("a", 10)
    deadlines[Symbol.dispose]()
    assert.equal(clock.pending, 0)
    await clock.advance(100)
    assert.deepEqual(passed, [])
  })

  it("do as a plain list does, whatever is set and deleted", async () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 20 }).map(String),
      at: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 400 }), async (steps) => {
        const { clock, passed, deadlines } = make()
        const plain = new Map<string, number>()
        for (const { key, at } of steps) {
          if (at === null) {
            deadlines.delete(key)
            plain.delete(key)
          } else {
            deadlines.set(key, at)
            plain.set(key, at)
          }
        }
        assert.equal(deadlines.size, plain.size)
        await clock.advance(100)
        assert.deepEqual(
          passed.toSorted(),
          [...plain].map(([key, at]) => `${key}@${at}`).toSorted(),
        )
      }),
      { numRuns: 50 },
    )
  })
})
