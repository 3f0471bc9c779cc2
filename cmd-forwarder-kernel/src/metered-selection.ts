import { EndpointSelection, type EndpointSelectionOptions } from "@nsm/sdk"
import { Counter, Gauge, type Registry } from "prom-client"

/** What counting needs. */
export interface MeteredSelectionOptions extends Omit<EndpointSelectionOptions, "onEvent"> {
  readonly metrics: Registry
}

/** Knows endpoints, and counts how they are chosen. */
export function meteredSelection({
  metrics,
  ...options
}: MeteredSelectionOptions): EndpointSelection {
  const registers = [metrics]
  const chosen = new Counter({
    name: "nsm_selection_chosen_total",
    help: "Requests for which an endpoint was chosen, by service, and by whether they spilled over",
    labelNames: ["service", "spilled"],
    registers,
  })
  const ejections = new Counter({
    name: "nsm_selection_ejections_total",
    help: "How many times an endpoint was ejected because it kept failing, by service",
    labelNames: ["service"],
    registers,
  })
  const retries = new Counter({
    name: "nsm_selection_retries_total",
    help: "Further endpoints that were tried, or were not because the retry budget was exhausted",
    labelNames: ["verdict"],
    registers,
  })
  const selection = new EndpointSelection({
    ...options,
    onEvent(event) {
      if (event.kind === "chosen") {
        chosen.inc({ service: event.service, spilled: `${event.isSpilled}` })
      } else if (event.kind === "ejected") ejections.inc({ service: event.service })
      else retries.inc({ verdict: event.isAllowed ? "allowed" : "refused" })
    },
  })
  const ejected = new Gauge({
    name: "nsm_selection_ejected",
    help: "Endpoints that are ejected now because they keep failing, by service",
    labelNames: ["service"],
    registers,
    collect() {
      ejected.reset()
      for (const { service, state } of selection.state.endpoints) {
        if (state === "ejected") ejected.inc({ service })
      }
    },
  })
  const budget: Gauge = new Gauge({
    name: "nsm_selection_retry_budget",
    help: "How many further endpoints may be tried now",
    registers,
    collect() {
      budget.set(selection.state.retryBudget.left)
    },
  })
  return selection
}
