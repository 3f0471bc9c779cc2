import { chain, type Element, type WorkloadService } from "@nsm/sdk"
import { spiffeHeader } from "@nsm/sdk/authority"
import type { Registry } from "prom-client"
import { workloadMetrics } from "./workload-metrics.ts"

/** All that a call meets in this daemon; printed in docs/chain.md. */
export function authorityChain(metrics: Registry): Element<WorkloadService> {
  return chain("authority", workloadMetrics(metrics), spiffeHeader())
}
