import { bounds } from "../bounds.ts"
import type { Invariant, Sight, Violation } from "./invariant.ts"

/** Nobody keeps time from going on. */
export function noBusyLoop(): Invariant {
  return {
    name: "nobody is busy without end",
    *look({ world: { books } }) {
      const { isBusy: hop } = books
      if (hop !== undefined)
        yield { connection: "", hop, text: "sets timer after timer at one instant" }
    },
  }
}

/** Counts work on a calm day: it follows from connections and their refreshes, and from nothing else. */
export class SteadyWork {
  readonly #requests: ReadonlyMap<string, number>
  readonly #timers: ReadonlyMap<string, number>
  readonly #since: number

  constructor({ world: { books, now } }: Pick<Sight, "world">) {
    this.#requests = new Map(books.requests)
    this.#timers = new Map(books.timers)
    this.#since = now
  }

  /** What was too much since. */
  *judge({ world, mesh }: Pick<Sight, "world" | "mesh">): Generator<Violation> {
    const { books, now, tokenLifetimeMs } = world
    const invariant = "work is proportional to connections over refresh period"
    const spent = now - this.#since
    const periods = spent / (0.18 * tokenLifetimeMs) + 1
    const held = (hop: string): number =>
      Math.max(
        books.entries.get(hop)?.size ?? 0,
        mesh.wanted.filter(({ client }) => client === hop).length,
      )
    for (const [hop, count] of books.requests) {
      const done = count - (this.#requests.get(hop) ?? 0)
      const due = held(hop) * periods * bounds.requestsPerPeriod + 2
      if (done <= due) continue
      const text = `${done} requests in ${spent} ms for ${held(hop)} connections`
      yield { invariant, connection: "", hop, text }
    }
    for (const [hop, count] of books.timers) {
      const done = count - (this.#timers.get(hop) ?? 0)
      const perSecond = bounds.timersPerSecond + held(hop) * bounds.timersPerConnection
      if (done <= (perSecond * spent) / 1000) continue
      const text = `${done} timers in ${spent} ms for ${held(hop)} connections`
      yield { invariant, connection: "", hop, text }
    }
  }
}
