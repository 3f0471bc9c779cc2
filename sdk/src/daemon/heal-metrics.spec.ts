import assert from "node:assert/strict"
import { Registry } from "prom-client"
import { healMetrics } from "./heal-metrics.ts"

describe("healMetrics", () => {
  it("counts by cause and result, and times what came back", async () => {
    const metrics = new Registry()
    const observer = healMetrics(metrics)
    observer.ended?.("nsc-0", { cause: "data-plane", result: "reselected", ms: 1200 })
    observer.ended?.("nsc-0", { cause: "data-plane", result: "closed", ms: 10 })
    const lines = (await metrics.metrics()).split("\n")
    for (const line of [
      'nsm_heal_total{cause="data-plane",result="reselected"} 1',
      'nsm_heal_total{cause="data-plane",result="closed"} 1',
      'nsm_heal_duration_seconds_bucket{le="1",cause="data-plane"} 0',
      'nsm_heal_duration_seconds_bucket{le="2",cause="data-plane"} 1',
      'nsm_heal_duration_seconds_count{cause="data-plane"} 1',
    ]) {
      assert.ok(lines.includes(line), line)
    }
  })
})
