/** What a watcher has to be told of one entry. */
export interface Change<Entry> {
  readonly entry: Entry
  readonly deleted: boolean
}

interface Pending<Entry> extends Change<Entry> {
  /** Whether the watcher has never been told of the entry. */
  readonly isNews: boolean
}

/**
 * The changes that one watcher has not been told of yet: only the latest of each entry, and none of
 * an entry that came and went in the meantime. However slow the watcher is, it holds up nobody and
 * keeps no more than there are entries.
 */
export class Watcher<Entry extends { readonly name: string }> {
  #pending = new Map<string, Pending<Entry>>()
  #wake = (): void => {}

  /** An entry is there, or has changed. `isNews` says that it did not match before. */
  put(entry: Entry, isNews: boolean): void {
    const known = this.#pending.get(entry.name)
    this.#add({ entry, deleted: false, isNews: known ? known.isNews : isNews })
  }

  /** An entry is there no more. */
  remove(entry: Entry): void {
    if (this.#pending.get(entry.name)?.isNews) this.#pending.delete(entry.name)
    else this.#add({ entry, deleted: true, isNews: false })
  }

  /** The changes as they come, until the signal fires; then it fails with the signal's reason. */
  async *changes(signal: AbortSignal): AsyncGenerator<Change<Entry>> {
    const wake = (): void => this.#wake()
    signal.addEventListener("abort", wake)
    try {
      for (;;) {
        signal.throwIfAborted()
        const batch = this.#pending
        this.#pending = new Map()
        for (const change of batch.values()) yield change
        if (this.#pending.size === 0 && !signal.aborted) {
          await new Promise<void>((resolve) => (this.#wake = resolve))
        }
      }
    } finally {
      signal.removeEventListener("abort", wake)
    }
  }

  #add(change: Pending<Entry>): void {
    this.#pending.set(change.entry.name, change)
    this.#wake()
  }
}
