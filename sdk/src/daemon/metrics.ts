import { collectDefaultMetrics, Gauge, Registry } from "prom-client"
import type { Route } from "./http/route.ts"

/** The daemon's Prometheus metrics, with those of the process and what was built. */
export function daemonMetrics({ name, version }: { name: string; version: string }): Registry {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  new Gauge({
    name: "nsm_build_info",
    help: "Always 1; the labels say what runs",
    labelNames: ["name", "version", "node"],
    registers: [metrics],
  }).set({ name, version, node: process.version }, 1)
  return metrics
}

/** Serves metrics as Prometheus scrapes them. */
export function metricsRoute(metrics: Registry): Route {
  return {
    method: "GET",
    path: "/metrics",
    answer: async () => ({ type: metrics.contentType, body: await metrics.metrics() }),
  }
}
