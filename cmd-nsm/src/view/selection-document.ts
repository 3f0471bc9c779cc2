import {
  endpointVerdicts,
  type EndpointVerdict,
  type Labels,
  type Level,
  type RuleVerdict,
  type Selection,
} from "@nsm/sdk"
import { nodeOf } from "../commands/what-if.ts"
import type { SelectionFacts } from "../playground/selection-facts.ts"

/** Who would be asked, and why. The shape of `nsm select -o json`. */
export interface SelectionDocument {
  /** Raised when a field changes its meaning or goes. */
  readonly schemaVersion: 1
  readonly service: string
  /** The client that is supposed. */
  readonly client: { readonly node: string; readonly labels: Labels }
  /** Who decides. */
  readonly forwarder: string
  /** Names of those who would be asked, one after the other as long as they fail. */
  readonly order: readonly string[]
  /** Whom further requests may be sent to where the first fails, before the retry budget is used up. */
  readonly retriesLeft: number
  readonly rules: readonly (Omit<RuleVerdict, "refused"> & { readonly rule: number })[]
  readonly levels: readonly (Pick<Level, "priority" | "shares" | "usable"> & {
    readonly level: number
    /** Of a hundred requests, how many it gets first. */
    readonly percent: number
  })[]
  readonly endpoints: readonly (Omit<EndpointVerdict, "until"> & {
    readonly node?: string
    /** Until when it is ejected, as RFC 3339. */
    readonly until?: string
  })[]
}

/** Writes a selection down, as far as a person or a program wants to know it. */
export function selectionDocument(
  selection: Selection,
  { node, forwarder, state }: Pick<SelectionFacts, "node" | "forwarder" | "state">,
): SelectionDocument {
  const { service, labels, rules, endpoints } = selection.ruled
  return {
    schemaVersion: 1,
    service: service.name,
    client: { node, labels },
    forwarder,
    order: selection.order.map(({ endpoint }) => endpoint.name),
    retriesLeft: state.retryBudget.left,
    rules: rules.map(({ refused: _, ...verdict }, at) => ({ rule: at + 1, ...verdict })),
    levels: selection.levels.map(({ priority, shares, usable, weight: percent }, at) => ({
      ...{ level: at + 1, priority, ...(shares !== undefined && { shares }), usable, percent },
    })),
    endpoints: endpointVerdicts(selection).map(({ until, ...verdict }) => {
      const endpoint = endpoints.find(({ name }) => name === verdict.name)
      const place = endpoint && nodeOf(endpoint, service.name)
      return {
        ...verdict,
        ...(place !== undefined && { node: place }),
        ...(until !== undefined && { until: new Date(until).toISOString() }),
      }
    }),
  }
}
