import type { Knowledge, Registration, Turns } from "./knowledge.ts"
import type { Outlier } from "./outliers.ts"
import type { RetryBudgetState } from "./retry-budget.ts"

/** What a forwarder knows of endpoints, as JSON: the answer of its route `GET /selection`. */
export interface SelectionState {
  /** Labels that make an endpoint near to a client, nearest first. */
  readonly locality: readonly string[]
  /** Endpoints that failed when they were asked last. */
  readonly endpoints: readonly EndpointState[]
  readonly retryBudget: RetryBudgetState
  readonly turns: readonly TurnsState[]
}

/** How an endpoint stands that failed when it was asked last. */
export interface EndpointState {
  readonly name: string
  readonly service: string
  readonly state: "healthy" | "ejected"
  /** How many times in a row it failed by its own fault. */
  readonly failures: number
  /** The registration that failed: another one is another chance. */
  readonly registration: Registration
  /** When it takes its turn again, as RFC 3339; only where it is ejected. */
  readonly until?: string
}

/** What the levels and the endpoints of a service are owed, which says whose turn it is. */
export interface TurnsState {
  readonly service: string
  readonly levels: Readonly<Record<string, number>>
  readonly endpoints: Readonly<Record<string, number>>
}

/** What `writeState` writes. */
export interface WriteStateOptions {
  readonly locality: readonly string[]
  readonly now: number
  readonly outliers: readonly Outlier[]
  readonly retryBudget: RetryBudgetState
  readonly turns: readonly { readonly service: string; readonly turns: Turns }[]
}

/** What a forwarder knows, as JSON. */
export function writeState(options: WriteStateOptions): SelectionState {
  const { locality, now, outliers, retryBudget, turns } = options
  return {
    locality,
    endpoints: outliers.map(({ name, service, failures, registration, until }) => {
      const state = until > now ? "ejected" : "healthy"
      return {
        ...{ name, service, state, failures, registration },
        ...(state === "ejected" && { until: new Date(until).toISOString() }),
      }
    }),
    retryBudget,
    turns: turns.map(({ service, turns: { levels, endpoints } }) => ({
      ...{ service, levels: Object.fromEntries(levels), endpoints: Object.fromEntries(endpoints) },
    })),
  }
}

/** What a forwarder that answered this knows of a service, for a client that asks the first time. */
export function readState(state: SelectionState, service: string): Knowledge {
  const ejected = state.endpoints.flatMap(({ name, until, registration, ...one }) =>
    one.service === service && until !== undefined
      ? [[name, { until: Date.parse(until), registration }] as const]
      : [],
  )
  const turns = state.turns.find((one) => one.service === service)
  return {
    locality: state.locality,
    ejected: new Map(ejected),
    former: new Set(),
    turns: {
      levels: new Map(Object.entries(turns?.levels ?? {})),
      endpoints: new Map(Object.entries(turns?.endpoints ?? {})),
    },
  }
}
