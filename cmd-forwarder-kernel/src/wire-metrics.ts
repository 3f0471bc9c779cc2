import type { Wire, WiringEvent } from "@nsm/sdk-kernel"
import { Gauge, Histogram, type Registry } from "prom-client"

/** Counts the wires that stand, and times what is done to them. */
export function wireMetrics(
  metrics: Registry,
  standing: () => Iterable<{ readonly wire: Wire }>,
): (event: WiringEvent) => void {
  const wires = new Gauge({
    name: "nsm_wires",
    help: "Wires that stand in the kernel, by kind",
    labelNames: ["kind"],
    registers: [],
    collect() {
      for (const kind of ["veth", "vxlan"]) this.set({ kind }, 0)
      for (const { wire } of standing()) this.inc({ kind: wire.kind })
    },
  })
  metrics.registerMetric(wires)
  const seconds = new Histogram({
    name: "nsm_wiring_duration_seconds",
    help: "Time to make, take over, change or remove a wire, with the wait for others of the same thread",
    labelNames: ["action", "kind"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers: [metrics],
  })
  return ({ action, kind, ms }) => seconds.observe({ action, kind }, ms / 1000)
}
