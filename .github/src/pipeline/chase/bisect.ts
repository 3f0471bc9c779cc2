/** What trying one says; `untold` where it fails in another way, or cannot be tried. */
export type Tried = "good" | "bad" | "untold"

/** Where good turns into bad: the last that is good, -1 for what is before all, and the first that is bad. */
export interface Turn {
  readonly good: number
  readonly bad: number
}

/**
 * Finds where good turns into bad among so many in a row, of which the last is bad and what is
 * before the first is good. Those in between stay only where they cannot be told.
 */
export async function bisect(
  count: number,
  tryAt: (index: number) => Promise<Tried>,
): Promise<Turn> {
  const untold = new Set<number>()
  let turn = { good: -1, bad: count - 1 }
  for (;;) {
    const middle = (turn.good + turn.bad) / 2
    const next = Array.from({ length: turn.bad - turn.good - 1 }, (_, at) => turn.good + 1 + at)
      .filter((index) => !untold.has(index))
      .toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0]
    if (next === undefined) return turn
    const tried = await tryAt(next)
    if (tried === "untold") untold.add(next)
    else turn = { ...turn, [tried]: next }
  }
}
