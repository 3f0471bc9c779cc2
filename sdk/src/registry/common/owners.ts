/** The path ids of what was registered, by name: who registered it, and through whom. */
export class Owners {
  /** As policies see it. */
  readonly pathIds: Record<string, readonly string[]> = Object.create(null) as Record<
    string,
    readonly string[]
  >
  /** The one that was registered longest ago first. */
  readonly #names = new Set<string>()
  readonly #capacity: number

  /** Remembers so many names at once. Beyond that, who did not register for longest is forgotten. */
  constructor(capacity = 65_536) {
    this.#capacity = capacity
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  set(name: string, pathIds: readonly string[]): void {
    this.#names.delete(name)
    this.#names.add(name)
    this.pathIds[name] = pathIds
    if (this.#names.size <= this.#capacity) return
    const [oldest] = this.#names
    if (oldest !== undefined) this.delete(oldest)
  }

  delete(name: string): void {
    this.#names.delete(name)
    // Names come and go.
    Reflect.deleteProperty(this.pathIds, name)
  }
}
