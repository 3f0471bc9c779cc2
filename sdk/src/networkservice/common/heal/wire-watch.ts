import type { Connection } from "@nsm/api"
import type { Clock } from "../../../core/clock.ts"
import type { Random } from "../../../core/random.ts"
import type { Liveness } from "./liveness.ts"

/** How a wire is watched. */
export interface WireWatchOptions {
  readonly liveness: Liveness
  /** Time between two looks. */
  readonly intervalMs: number
  readonly random: Random
  readonly clock: Clock
  /** Packets pass. */
  readonly onAlive: () => void
  /** Packets do not pass. Told once; the watch has stopped then. */
  readonly onDead: () => void
}

/** Looks at one wire again and again while it lives. */
export class WireWatch {
  readonly #options: WireWatchOptions
  #looking: AbortController | undefined

  constructor(options: WireWatchOptions) {
    this.#options = options
  }

  /** Watches the wire of a connection, in place of what was watched. */
  start(connection: Connection): void {
    this.stop()
    const looking = new AbortController()
    this.#looking = looking
    this.#later(connection, looking)
  }

  stop(): void {
    this.#looking?.abort()
    this.#looking = undefined
  }

  #later(connection: Connection, looking: AbortController): void {
    const { clock, intervalMs, random } = this.#options
    // A tenth by chance, so that many wires are not looked at together.
    const timer = clock.schedule(intervalMs * (0.9 + random.integer(1001) / 10_000), () => {
      looking.signal.removeEventListener("abort", cancel)
      this.#look(connection, looking)
    })
    const cancel = (): void => timer[Symbol.dispose]()
    looking.signal.addEventListener("abort", cancel, { once: true })
  }

  #look(connection: Connection, looking: AbortController): void {
    const { liveness, clock, onAlive, onDead } = this.#options
    const { signal } = looking
    const tell = (isAlive: boolean | undefined): void => {
      if (signal.aborted) return
      if (isAlive) onAlive()
      if (isAlive !== false) return this.#later(connection, looking)
      this.stop()
      onDead()
    }
    // A look that fails says nothing about the wire.
    liveness(connection, { clock, signal, isSuspect: false }).then(tell, () => tell(undefined))
  }
}
