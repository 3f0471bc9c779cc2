/** Who wants to hear of something, each until it is disposed. */
export class Listeners<T = void> {
  readonly #listeners = new Set<(news: T) => void>()

  add(listener: (news: T) => void): Disposable {
    // A function of its own, so that one that listens twice is heard twice.
    const own = (news: T): void => listener(news)
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  tell(news: T): void {
    for (const listener of [...this.#listeners]) listener(news)
  }
}
