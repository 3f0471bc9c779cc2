import type { Clock } from "../core/clock.ts"

interface Item {
  readonly key: string
  readonly at: number
}

/** Many deadlines on one timer: a binary heap, of which only the earliest is scheduled. */
export class Deadlines implements Disposable {
  readonly #clock: Clock
  readonly #due: (key: string) => void
  readonly #items = new Map<string, Item>()
  #heap: Item[] = []
  #timer: Disposable | undefined
  #timerAt = Infinity

  /** `due` is called with the key of each deadline that passes. */
  constructor({ clock, due }: { clock: Clock; due: (key: string) => void }) {
    this.#clock = clock
    this.#due = due
  }

  /** How many are waiting. */
  get size(): number {
    return this.#items.size
  }

  /** Sets the deadline of a key, in place of the one it had. */
  set(key: string, at: number): void {
    const item = { key, at }
    this.#items.set(key, item)
    // What was replaced stays in the heap until it comes up, unless it would fill the heap.
    if (this.#heap.length > 2 * this.#items.size + 64) this.#rebuild()
    else this.#push(item)
    this.#arm()
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.#items.delete(key)
  }

  [Symbol.dispose](): void {
    this.#items.clear()
    this.#heap = []
    this.#timer?.[Symbol.dispose]()
    this.#timerAt = Infinity
  }

  #arm(): void {
    const [first] = this.#heap
    if (!first || first.at >= this.#timerAt) return
    this.#timer?.[Symbol.dispose]()
    this.#timerAt = first.at
    this.#timer = this.#clock.schedule(first.at - this.#clock.now(), () => this.#fire())
  }

  #fire(): void {
    this.#timerAt = Infinity
    const now = this.#clock.now()
    const due: string[] = []
    for (let [first] = this.#heap; first && first.at <= now; [first] = this.#heap) {
      this.#pop()
      if (this.#items.get(first.key) !== first) continue
      this.#items.delete(first.key)
      due.push(first.key)
    }
    this.#arm()
    for (const key of due) this.#due(key)
  }

  #rebuild(): void {
    this.#heap = [...this.#items.values()].toSorted((a, b) => a.at - b.at)
  }

  #push(item: Item): void {
    const heap = this.#heap
    let at = heap.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (!parent || parent.at <= item.at) break
      heap[at] = parent
      at = above
    }
    heap[at] = item
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const below =
        (heap[left + 1]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? left + 1 : left
      const child = heap[below]
      if (!child || child.at >= last.at) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}
