import type { Known } from "./known.ts"
import { labelsFor, type Question } from "./rules.ts"
import type { Labels } from "./selector.ts"
import type { Turning } from "./turn.ts"

/** Endpoints that are as good as each other: of one priority, and as near. */
export interface Level extends Rank, Turning {
  readonly members: readonly Known[]
  /** How much of its members' weight can be used, from 0 to 1. */
  readonly usable: number
  /** Of a hundred requests, how many it gets first; 0 where others take all. */
  readonly weight: number
}

/** What makes a level. */
export interface Rank {
  /** The endpoints' label `priority`; lower comes first. */
  readonly priority: number
  /** The nearest label that the endpoints share with the client; absent where there is none. */
  readonly shares?: string
}

/** What levels are made of. */
export interface LevelOptions {
  readonly known: readonly Known[]
  /** Those of them that can be used. */
  readonly usable: ReadonlySet<Known>
  /** Labels that make an endpoint near to a client when both have the same value, nearest first. */
  readonly locality: readonly string[]
}

/**
 * A level bears 1.4 times the share of it that can be used: it takes everything until less than 71 %
 * of it is left, and then hands on what is missing. The factor is Envoy's well-known one.
 */
const overProvisioning = 1.4

/** Sorts endpoints into levels, the best first, and shares requests among these. */
export function levelsOf(
  question: Question,
  { known, usable, locality }: LevelOptions,
): readonly Level[] {
  const groups = new Map<string, { readonly rank: Rank; readonly members: Known[] }>()
  for (const one of known) {
    const rank = rankOf(one, question, locality)
    const key = `${rank.priority}/${rank.shares ?? ""}`
    const group = groups.get(key) ?? { rank, members: [] }
    group.members.push(one)
    groups.set(key, group)
  }
  const distance = ({ shares }: Rank): number =>
    shares === undefined ? locality.length : locality.indexOf(shares)
  const sorted = [...groups].toSorted(
    ([, { rank: a }], [, { rank: b }]) => a.priority - b.priority || distance(a) - distance(b),
  )
  const levels = sorted.map(([key, { rank, members }]) => {
    const own = weightOf(members.filter((one) => usable.has(one)))
    return { ...rank, key, members, usable: own / weightOf(members) }
  })
  const percents = percentsOf(levels.map((level) => level.usable))
  return levels.map((level, at) => ({ ...level, weight: percents[at] ?? 0 }))
}

function rankOf(
  { endpoint }: Known,
  { service, labels }: Question,
  locality: LevelOptions["locality"],
): Rank {
  const own = labelsFor(service.name, endpoint) ?? {}
  const shares = locality.find((name) => {
    const value = labelOf(own, name)
    return value !== undefined && value === labelOf(labels, name)
  })
  const text = labelOf(own, "priority") ?? ""
  // What is no whole number counts as if the label were missing.
  const priority = /^-?\d{1,9}$/.test(text) ? Number(text) : 0
  return { priority, ...(shares !== undefined && { shares }) }
}

/** For each level as much as it bears, as long as there is something left. */
function percentsOf(usable: readonly number[]): readonly number[] {
  const bears = usable.map((share) => Math.min(1, share * overProvisioning))
  const all = Math.min(
    1,
    bears.reduce((sum, one) => sum + one, 0),
  )
  let left = 100
  return bears.map((one) => {
    // Up, so that whoever bears anything gets something; but not for an error of rounding.
    const percent = Math.min(left, Math.max(0, Math.ceil((one / all) * 100 - 1e-9)))
    left -= percent
    return percent
  })
}

function weightOf(members: readonly Known[]): number {
  return members.reduce((sum, { weight }) => sum + weight, 0)
}

function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}
