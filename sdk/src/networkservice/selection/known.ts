import { ejectedAmong, type Knowledge } from "./knowledge.ts"
import type { Allowed, Ruled } from "./rules.ts"
import type { Turning } from "./turn.ts"

/** How good a choice an endpoint is, whatever its level; the best first. */
export const standings = ["healthy", "ejected", "former"] as const

/** An endpoint that the rules allow, with what is known of it. */
export interface Known extends Allowed, Turning {
  readonly standing: (typeof standings)[number]
  /** Until when it is ejected, in ms since 1970. */
  readonly until?: number
}

/** Adds what is known of them to the endpoints that the rules allow. */
export function knownOf({ allowed, endpoints }: Ruled, knowledge: Knowledge): readonly Known[] {
  const ejected = ejectedAmong(endpoints, knowledge)
  return allowed.map((one) => {
    const key = one.endpoint.name
    const until = ejected.get(key)
    const known = { ...one, key, ...(until !== undefined && { until }) }
    const isFormer = knowledge.former.has(key)
    return { ...known, standing: isFormer ? "former" : until === undefined ? "healthy" : "ejected" }
  })
}

/** Those that can be used: the healthy ones, or, where there is none, those that come next. */
export function usableOf(all: readonly Known[]): readonly Known[] {
  const best = standings.find((standing) => all.some((one) => one.standing === standing))
  return all.filter(({ standing }) => standing === best)
}
