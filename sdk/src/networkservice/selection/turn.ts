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
  const owed = all.map((one) => ({ one, owed: (credits.get(one.key) ?? 0) + one.weight }))
  const order = owed.toSorted((a, b) => b.owed - a.owed)
  const total = all.reduce((sum, { weight }) => sum + weight, 0)
  const after = new Map(credits)
  for (const [place, { one, owed }] of order.entries()) {
    after.set(one.key, place === 0 ? owed - total : owed)
  }
  return { order: order.map(({ one }) => one), credits: after }
}
