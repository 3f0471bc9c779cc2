/** Something that runs at a time. */
export interface Timer {
  readonly at: number
  readonly run: () => void
}

interface Entry extends Timer {
  /** Tells apart what is due at the same time. */
  readonly order: number
}

/** Timers in the order of their times, then of their making: a binary heap. */
export class TimerQueue {
  #heap: Entry[] = []
  /** What is deleted leaves the heap when it comes up, or when there is too much of it. */
  readonly #waiting = new Set<Timer>()
  #order = 0

  get size(): number {
    return this.#waiting.size
  }

  add(at: number, run: () => void): Timer {
    const entry = { at, run, order: this.#order++ }
    this.#waiting.add(entry)
    this.#rise(this.#heap.push(entry) - 1, entry)
    return entry
  }

  delete(timer: Timer): void {
    this.#waiting.delete(timer)
    if (this.#heap.length > 2 * this.#waiting.size + 64) this.#tidy()
  }

  /** Takes out the first timer that is due at a time. */
  take(now: number): Timer | undefined {
    for (let [first] = this.#heap; first; [first] = this.#heap) {
      const isWaiting = this.#waiting.has(first)
      if (isWaiting && first.at > now) return undefined
      this.#removeFirst()
      if (!isWaiting) continue
      this.delete(first)
      return first
    }
    return undefined
  }

  #tidy(): void {
    const entries = this.#heap.filter((entry) => this.#waiting.has(entry))
    // In order, a list is a heap.
    this.#heap = entries.toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) this.#sink(last)
  }

  #rise(from: number, entry: Entry): void {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#heap[above]
      if (!parent || !isBefore(entry, parent)) break
      this.#heap[at] = parent
      at = above
    }
    this.#heap[at] = entry
  }

  #sink(entry: Entry): void {
    let at = 0
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]]
      const below = left && right && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1
      const child = this.#heap[below]
      if (!child || !isBefore(child, entry)) break
      this.#heap[at] = child
      at = below
    }
    this.#heap[at] = entry
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
