/** Something that has to be in place before the daemon counts as ready. */
export interface Need {
  met(): void
  unmet(why: string): void
}

/** How one need stands. */
export interface Check {
  readonly name: string
  readonly isMet: boolean
  /** Why it is not met. */
  readonly why?: string
}

/** Whether the daemon can do its work now. Ready means that every need is met. */
export class Readiness {
  readonly #checks = new Map<string, Check>()

  /** Names a need. It is not met until it says so. */
  needs(name: string): Need {
    const set = (check: Omit<Check, "name">): void =>
      void this.#checks.set(name, { name, ...check })
    set({ isMet: false, why: "not yet" })
    return { met: () => set({ isMet: true }), unmet: (why) => set({ isMet: false, why }) }
  }

  get checks(): readonly Check[] {
    return [...this.#checks.values()]
  }

  get isReady(): boolean {
    return this.checks.every(({ isMet }) => isMet)
  }
}
