import type { Refusal } from "./rules.ts"
import type { Selection } from "./select.ts"

/** Why an endpoint has the place that it has, or none. */
export interface EndpointVerdict {
  readonly name: string
  /** From 1, who is asked first; absent for whom no rule leads to. */
  readonly place?: number
  readonly why: Why
  /** Its level, from 1. */
  readonly level?: number
  readonly weight?: number
  /** Until when it is ejected, in ms since 1970. */
  readonly until?: number
  /** Why routes do not lead to it; none where no rule fits the client. */
  readonly refusals?: readonly (Pick<Refusal, "misfit"> & { readonly rule: number })[]
}

/**
 * The first is asked because it is its `turn`, or by `spill-over`, its turn though levels before its
 * own have usable endpoints, or as the `last-resort`, for nobody is healthy. Of the others, some have a
 * `later-turn`, for they are as good, some are of a level `before` it that cannot bear all requests, or
 * of one behind it, by `priority` or because they are `farther`; some are `ejected`, because they keep
 * failing, some are `former`, because the connection had them, and some are `not-allowed` by any rule.
 */
export type Why =
  | "turn"
  | "spill-over"
  | "last-resort"
  | "later-turn"
  | "before"
  | "priority"
  | "farther"
  | "ejected"
  | "former"
  | "not-allowed"

/** Says of every endpoint of a service why it has its place: the candidates first, in their order. */
export function endpointVerdicts(selection: Selection): readonly EndpointVerdict[] {
  const { order, ruled } = selection
  const names = new Set(order.map(({ key }) => key))
  const out = ruled.endpoints.filter(({ name }) => !names.has(name))
  return [
    ...order.map(({ key: name, level, weight, until }, at) => ({
      ...{ name, place: at + 1, why: whyPlaced(selection, at), level: level + 1, weight },
      ...(until !== undefined && { until }),
    })),
    ...out.map(({ name }) => ({
      ...{ name, why: "not-allowed" as const, refusals: refusalsOf(name, selection) },
    })),
  ]
}

function whyPlaced({ order, levels }: Selection, at: number): Why {
  const [first, one] = [order[0], order[at]]
  if (!first || !one) return "not-allowed"
  if (one === first) {
    if (one.standing !== "healthy") return "last-resort"
    return levels.slice(0, one.level).some(({ usable }) => usable > 0) ? "spill-over" : "turn"
  }
  if (one.standing !== "healthy") return one.standing
  if (one.level === first.level) return "later-turn"
  if (one.level < first.level) return "before"
  const isLower = levels[one.level]?.priority !== levels[first.level]?.priority
  return isLower ? "priority" : "farther"
}

function refusalsOf(name: string, { ruled }: Selection): NonNullable<EndpointVerdict["refusals"]> {
  return ruled.rules.flatMap(({ refused }, at) =>
    refused.flatMap(({ endpoint, misfit }) =>
      endpoint === name ? [{ rule: at + 1, misfit }] : [],
    ),
  )
}
