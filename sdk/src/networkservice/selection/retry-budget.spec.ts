import fc from "fast-check"
import assert from "node:assert/strict"
import type { Clock } from "../../core/clock.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { RetryBudget } from "./retry-budget.ts"

const takeAll = (budget: RetryBudget): number => {
  let taken = 0
  while (budget.take()) taken += 1
  return taken
}

describe("RetryBudget", () => {
  it("has at first what ten seconds bring, and never more", async () => {
    const clock = new FakeClock()
    const budget = new RetryBudget({ clock })
    for (let count = 0; count < 1000; count++) budget.request()
    await clock.advance(3_600_000)
    assert.deepEqual(budget.state, { left: 100, capacity: 100, percent: 20, perSecond: 10 })
    assert.equal(takeAll(budget), 100)
  })

  it("allows one retry for each five requests", () => {
    const budget = new RetryBudget({ clock: new FakeClock() })
    takeAll(budget)
    for (let count = 0; count < 4; count++) budget.request()
    assert.equal(budget.take(), false)
    budget.request()
    assert.deepEqual([budget.take(), budget.take()], [true, false])
  })

  it("allows ten a second whatever the requests are", async () => {
    const clock = new FakeClock()
    const budget = new RetryBudget({ clock })
    takeAll(budget)
    await clock.advance(99)
    assert.equal(budget.take(), false)
    await clock.advance(1)
    assert.equal(takeAll(budget), 1)
    await clock.advance(1000)
    assert.equal(takeAll(budget), 10)
  })

  it("neither gains nor loses by a clock that is set back", () => {
    let now = 1_000_000
    const clock: Clock = { now: () => now, schedule: () => ({ [Symbol.dispose]() {} }) }
    const budget = new RetryBudget({ clock })
    assert.equal(takeAll(budget), 100)
    now = 0
    assert.equal(budget.take(), false)
    now = 100
    assert.equal(takeAll(budget), 1)
  })

  it("never allows more than a fifth of the requests, ten a second, and what was saved up", async () => {
    const step = fc.record({
      requests: fc.nat(50),
      retries: fc.nat(50),
      ms: fc.constantFrom(0, 1, 50, 1000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const clock = new FakeClock()
        const budget = new RetryBudget({ clock })
        let [requested, retried, passed] = [0, 0, 0]
        for (const { requests, retries, ms } of steps) {
          for (let count = 0; count < requests; count++) budget.request()
          for (let count = 0; count < retries; count++) retried += budget.take() ? 1 : 0
          await clock.advance(ms)
          requested += requests
          passed += ms
          assert.ok(retried <= 100 + requested / 5 + passed / 100)
        }
      }),
      { numRuns: 50 },
    )
  })
})
