import { Counter, Histogram, type Registry } from "prom-client"
import { element, type Element } from "../core/chain.ts"
import { NsmError } from "../core/errors.ts"
import type { NetworkService } from "../networkservice/service.ts"

/**
 * Counts requests by result and times them.
 *
 * Placement: outermost, so that failures and waiting times of every other element are seen.
 */
export function requestMetrics(metrics: Registry): Element<NetworkService> {
  const requests = new Counter({
    name: "nsm_requests_total",
    help: "Requests for connections and their refreshes, by gRPC code",
    labelNames: ["result", "code"],
    registers: [metrics],
  })
  const seconds = new Histogram({
    name: "nsm_request_duration_seconds",
    help: "Time from a request to its answer",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers: [metrics],
  })
  return element("request-metrics", (next) => ({
    async request(request, call) {
      const since = call.clock.now()
      let code = "OK"
      try {
        return await next.request(request, call)
      } catch (failure) {
        code = NsmError.from(failure).code
        throw failure
      } finally {
        requests.inc({ result: code === "OK" ? "ok" : "error", code })
        seconds.observe((call.clock.now() - since) / 1000)
      }
    },
  }))
}
