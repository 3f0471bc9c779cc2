import { Counter, Histogram, type Registry } from "prom-client"
import type { HealObserver } from "../networkservice/common/heal/observer.ts"

/** Counts lost connections by cause and result, and times how long they took to come back. */
export function healMetrics(metrics: Registry): HealObserver {
  const count = new Counter({
    name: "nsm_heal_total",
    help: "Lost connections, by what was noticed and how it came out",
    labelNames: ["cause", "result"],
    registers: [metrics],
  })
  const seconds = new Histogram({
    name: "nsm_heal_duration_seconds",
    help: "Time from the notice that a connection is lost until it is back",
    labelNames: ["cause"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
    registers: [metrics],
  })
  return {
    ended(_, { cause, result, ms }) {
      count.inc({ cause, result })
      if (result !== "closed") seconds.observe({ cause }, ms / 1000)
    },
  }
}
