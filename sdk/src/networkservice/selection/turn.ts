/** Somebody who takes turns. */
export interface Turning {
  readonly key: string
  /** Its share among those that take turns; a whole number above 0. */
  readonly weight: number
}

/** What each is owed after the turns so far, by key; nobody is owed anything at first. */
export type Credits = ReadonlyMap<string, number>

/**
 * Whose turn it is, and whose it would be after that, by smooth weighted round robin: everybody earns
 * its weight with each turn, and the one that is owed most takes it and pays for all. Without weights
 * that is one after the other, in the order given.
 */
export function takeTurn<T extends Turning>(
  all: readonly T[],
  credits: Credits,
): { readonly order: readonly T[]; readonly credits: Credits } {
  const owed = ({ key, weight }: T): number => (credits.get(key) ?? 0) + weight
  const order = all.toSorted((a, b) => owed(b) - owed(a))
  const [first] = order
  return { order, credits: first ? giveTurn(all, first, credits) : credits }
}

/** What everybody is owed after one has had a turn, whoever's turn it was. */
export function giveTurn(all: readonly Turning[], one: Turning, credits: Credits): Credits {
  const after = new Map(credits)
  let total = 0
  for (const { key, weight } of all) {
    after.set(key, (after.get(key) ?? 0) + weight)
    total += weight
  }
  return after.set(one.key, (after.get(one.key) ?? 0) - total)
}
