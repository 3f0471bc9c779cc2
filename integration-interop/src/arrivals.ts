/** Things that arrive in their own time, to be waited for one by one. */
export class Arrivals<T> {
  readonly #arrived: T[] = []
  readonly #waiting: ((item: T) => void)[] = []
  #end: string | undefined

  /** Puts one more. */
  put(item: T): void {
    const first = this.#waiting.shift()
    if (first) first(item)
    else this.#arrived.push(item)
  }

  /** Says that nothing more comes, and why. */
  end(why: string): void {
    this.#end ??= why
  }

  /** Why nothing more comes; undefined while something can. */
  get ended(): string | undefined {
    return this.#end
  }

  /** The next one; undefined when none has come within the limit. */
  async next(limitMs = 5000): Promise<T | undefined> {
    const [first] = this.#arrived
    if (first !== undefined) return this.#arrived.shift()
    return await new Promise((resolve) => {
      const waiter = (item: T | undefined): void => {
        clearTimeout(timer)
        resolve(item)
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        waiter(undefined)
      }, limitMs)
      this.#waiting.push(waiter)
    })
  }

  /** The next one that fits; what comes before is dropped. */
  async find(fits: (item: T) => boolean, limitMs = 5000): Promise<T | undefined> {
    for (const until = Date.now() + limitMs; ;) {
      const item = await this.next(Math.max(0, until - Date.now()))
      if (item === undefined || fits(item)) return item
    }
  }
}
