import assert from "node:assert/strict"
import type { Outcome } from "../outcome.ts"
import { planOf } from "../plan.ts"
import { liveThrough } from "./pool.ts"
import { failureText, jsonReport, summaryText } from "./report.ts"
import { Tally } from "./tally.ts"

const wanted = { nodes: 1, services: 1, endpoints: 1, clients: 1, faults: 0 }

describe("a pool of workers", function () {
  this.timeout(60_000)

  it("lives through plans side by side, and brings what happened only where that is wanted", async () => {
    const plans = [1, 2, 3].map((seed) => planOf(seed, wanted))
    const outcomes: Outcome[] = []
    const onOutcome = (outcome: Outcome): void => void outcomes.push(outcome)
    await liveThrough(plans, { jobs: 2, trace: false, onOutcome })
    assert.deepEqual(new Set(outcomes.map(({ plan }) => plan.seed)), new Set([1, 2, 3]))
    assert.ok(outcomes.every(({ found, trace }) => found.length === 0 && trace.length === 0))
    await liveThrough(plans.slice(0, 1), { jobs: 1, trace: true, onOutcome })
    assert.ok((outcomes.at(-1)?.trace.length ?? 0) > 10)
  })

  it("says when nothing is heard of a worker", async () => {
    const outcomes: Outcome[] = []
    const onOutcome = (outcome: Outcome): void => void outcomes.push(outcome)
    await liveThrough([planOf(1)], { jobs: 1, trace: false, onOutcome, silenceMs: 1 })
    assert.match(outcomes[0]?.found[0]?.text ?? "", /nothing was heard of it for 1 ms: it is stuck/)
  })
})

describe("what is reported", () => {
  const outcome: Outcome = {
    plan: planOf(7, wanted),
    found: [
      { invariant: "all is well", connection: "c-0", hop: "nse-1", text: "it is not", at: 61_250 },
    ],
    ...{ trace: [], struck: { "a client stops": 2 }, connections: 3, requests: 4 },
    ...{ recoveryMs: 1500, virtualMs: 3_600_000 },
  }
  const command =
    "npm run simulate -- --seed 7 --nodes 1 --services 1 --endpoints 1 --clients 1 --faults 0 --trace"
  const tally = new Tally()
  tally.add(outcome)

  it("names invariant, connection, hop, time and seed, and the command that replays it", () => {
    const text = failureText(outcome, wanted)
    assert.match(text, /all is well\n {4}0:01:01\.250 connection c-0 at nse-1, seed 7: it is not\n/)
    assert.ok(text.endsWith(`\n  ${command}`))
  })

  it("sums up", () => {
    const text = summaryText(tally, 2000)
    assert.match(text, /1 of 1 seeds failed: 7.*3 connections, 4 requests and 2 faults/)
    assert.match(text, /back 1\.5 s after the last fault .* 1\.0 h of virtual time, 2 s of ours/)
  })

  it("is one JSON document where that is wanted", () => {
    const report: unknown = JSON.parse(jsonReport(tally, [outcome], wanted))
    const failed = [{ seed: 7, replay: command, plan: outcome.plan, violations: outcome.found }]
    const struck = { "a client stops": 2 }
    const sums = { connections: 3, requests: 4, faults: 2, recoveryMs: 1500, virtualMs: 3_600_000 }
    assert.deepEqual(report, { passed: 0, failed, ...sums, struck })
  })
})
