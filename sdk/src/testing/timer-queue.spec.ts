import assert from "node:assert/strict"
import { seededRandom } from "../core/random.ts"
import { type Timer, TimerQueue } from "./timer-queue.ts"

/** Takes all, as the times at which they were due. */
function drained(queue: TimerQueue): number[] {
  const times: number[] = []
  for (let timer = queue.take(Infinity); timer; timer = queue.take(Infinity)) times.push(timer.at)
  return times
}

describe("TimerQueue", () => {
  it("gives timers in the order of their times, whatever was added and deleted", () => {
    const random = seededRandom(3)
    const queue = new TimerQueue()
    const timers = Array.from({ length: 500 }, () => queue.add(random.integer(100), () => {}))
    const kept: Timer[] = []
    for (const timer of timers) {
      if (random.integer(2) === 0) queue.delete(timer)
      else kept.push(timer)
    }
    assert.equal(queue.size, kept.length)
    assert.deepEqual(
      drained(queue),
      kept.map(({ at }) => at).toSorted((a, b) => a - b),
    )
    assert.equal(queue.size, 0)
  })

  it("gives timers of one time in the order in which they were added", () => {
    const queue = new TimerQueue()
    const timers = Array.from({ length: 20 }, () => queue.add(1, () => {}))
    assert.deepEqual(
      timers.map(() => queue.take(1)),
      timers,
    )
  })

  it("keeps what is not due", () => {
    const queue = new TimerQueue()
    queue.add(10, () => {})
    assert.equal(queue.take(9), undefined)
    assert.equal(queue.size, 1)
    assert.equal(queue.take(10)?.at, 10)
  })
})
