import { element, type Element, NsmError, type WorkloadService } from "@nsm/sdk"
import { Counter, Gauge, type Registry } from "prom-client"

/**
 * Counts who follows the Workload API, what was answered, and what was refused.
 *
 * Placement: outermost, so that it sees every refusal.
 */
export function workloadMetrics(metrics: Registry): Element<WorkloadService> {
  const followers = new Gauge({
    name: "nsm_workload_followers",
    help: "Calls of the Workload API that are open",
    labelNames: ["method"],
    registers: [metrics],
  })
  const answers = new Counter({
    name: "nsm_workload_answers_total",
    help: "Identities and bundles that were given out, by method",
    labelNames: ["method"],
    registers: [metrics],
  })
  const refusals = new Counter({
    name: "nsm_workload_refusals_total",
    help: "Calls of the Workload API that failed, by reason",
    labelNames: ["method", "reason"],
    registers: [metrics],
  })
  async function* counted<T>(method: string, run: () => AsyncIterable<T>): AsyncIterable<T> {
    followers.inc({ method })
    try {
      for await (const answer of run()) {
        answers.inc({ method })
        yield answer
      }
    } catch (thrown) {
      refusals.inc({ method, reason: NsmError.from(thrown).reason })
      throw thrown
    } finally {
      followers.dec({ method })
    }
  }
  return element("workload-metrics", (next) => ({
    fetchX509SVID: (request, call) =>
      counted("FetchX509SVID", () => next.fetchX509SVID(request, call)),
    fetchX509Bundles: (request, call) =>
      counted("FetchX509Bundles", () => next.fetchX509Bundles(request, call)),
  }))
}
