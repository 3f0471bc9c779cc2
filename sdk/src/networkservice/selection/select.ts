import type { Knowledge, Turns } from "./knowledge.ts"
import { type Known, knownOf, standings, usableOf } from "./known.ts"
import { type Level, levelsOf } from "./levels.ts"
import { applyRules, type Question, type Ruled } from "./rules.ts"
import { type Credits, giveTurn, takeTurn } from "./turn.ts"

/** An endpoint that may be asked. */
export interface Candidate extends Known {
  /** Which of the levels it is in, from 0. */
  readonly level: number
}

/** Who is asked first, who is asked after that, and all that decided it. */
export interface Selection {
  readonly ruled: Ruled
  readonly levels: readonly Level[]
  /** Best first, everybody once. Empty where the rules allow nobody. */
  readonly order: readonly Candidate[]
  /** Whose turn it is after this. */
  readonly turns: Turns
}

/** Decides which endpoint a client is joined to. It changes nothing; all it knows, it is told. */
export function select(question: Question, knowledge: Knowledge): Selection {
  return arrange(applyRules(question), knowledge)
}

/**
 * The part of `select` that is left when the rules have been applied: a level takes its turn, then an
 * endpoint of that level. All others follow, in case that it fails: the healthy ones from level to
 * level, then those that are ejected, then those that the connection had before.
 */
export function arrange(ruled: Ruled, knowledge: Knowledge): Selection {
  const { locality, turns } = knowledge
  const known = knownOf(ruled, knowledge)
  const usable = new Set(usableOf(known))
  const levels = levelsOf(ruled, { known, usable, locality })
  const sharing = levels.filter(({ weight }) => weight > 0)
  const level = takeTurn(sharing, turns.levels)
  const members = level.order[0]?.members ?? []
  const turn = takeTurn(
    members.filter((one) => usable.has(one)),
    turns.endpoints,
  )
  const [first] = turn.order
  const rank = (one: Known): number =>
    one.key === first?.key ? -1 : standings.indexOf(one.standing)
  const inLevels = levels.flatMap((each, at) =>
    takeTurn(each.members, turns.endpoints).order.map((one) => ({ ...one, level: at })),
  )
  return {
    ruled,
    levels,
    order: inLevels.toSorted((a, b) => rank(a) - rank(b)),
    turns: {
      levels: kept(
        level.credits,
        levels.map(({ key }) => key),
      ),
      endpoints: kept(
        turn.credits,
        ruled.endpoints.map(({ name }) => name),
      ),
    },
  }
}

/**
 * Whose turn it is when an endpoint was granted after others had failed. In a level that had no turn
 * it has one by that, or one endpoint of it would serve all for whom a better level does not.
 */
export function turnsAfter({ levels, order }: Selection, granted: Candidate, turns: Turns): Turns {
  if (granted.level === order[0]?.level) return turns
  const members = levels[granted.level]?.members ?? []
  const alike = members.filter(({ standing }) => standing === granted.standing)
  return { ...turns, endpoints: giveTurn(alike, granted, turns.endpoints) }
}

/** Forgets what those are owed who are not there any more. */
function kept(credits: Credits, keys: readonly string[]): Credits {
  return new Map(keys.map((key) => [key, credits.get(key) ?? 0]))
}
