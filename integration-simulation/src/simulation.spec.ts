import assert from "node:assert/strict"
import { cpuUsage } from "node:process"
import { failureText } from "./cli/report.ts"
import { outcomeOf } from "./outcome.ts"
import { planOf } from "./plan.ts"

/** Stop with new seeds after so much time of the processor, but not before so many. */
const [budgetMs, leastSeeds, mostSeeds] = [60_000, 15, 30]

const calm = { nodes: 2, services: 1, endpoints: 2, clients: 4, faults: 0 }

describe("the simulation", function () {
  this.timeout(600_000)

  it("finds nothing wrong in a fixed budget of seeds", function () {
    return budget((text) => {
      if (this.test) this.test.title += ` (${text})`
    })
  })

  it("repeats a seed line by line", async () => {
    const plan = planOf(4, { clients: 5, minutes: 2, faults: 12 })
    const [one, two] = [await outcomeOf(plan), await outcomeOf(plan)]
    assert.ok(one.trace.length > 100)
    assert.deepEqual(one.trace, two.trace)
    const other = await outcomeOf({ ...plan, seed: 5 })
    assert.notDeepEqual(one.trace, other.trace)
  })

  it("holds in a world without faults", async () => {
    const { found, connections } = await outcomeOf(planOf(1, calm))
    assert.deepEqual(found, [])
    assert.ok(connections >= 4)
  })
})

async function budget(say: (text: string) => void): Promise<void> {
  const since = cpuUsage()
  let seed = 0
  while (seed < mostSeeds) {
    const { user, system } = cpuUsage(since)
    if (seed >= leastSeeds && user + system > budgetMs * 1000) break
    seed += 1
    const outcome = await outcomeOf(planOf(seed))
    assert.ok(outcome.found.length === 0, failureText(outcome, {}))
  }
  say(`${seed} of them`)
}
