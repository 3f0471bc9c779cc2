import { type Clock, type Faults, type Journey, NsmError, type Random, sleep } from "@nsm/sdk"
import type { Underlay } from "./underlay.ts"

/** How calls fare for a while; chances are in thousandths. */
export interface Storm {
  /** Chance that a message is late, and by how much at most. */
  readonly late: number
  readonly lateMs: number
  /** Chance that a message is lost, or that its connection breaks. */
  readonly lost: number
  /** Chance that a request arrives twice. */
  readonly twice: number
}

/** Who makes calls. */
export interface Traveller {
  readonly name: string
  readonly host: string
  /** Fires when the process is killed. */
  readonly dead: AbortSignal
}

/** How long a peer may be silent before its connections are given up. */
const keepaliveMs = 10_000
/** How long a connection is waited for. */
const dialMs = 750

const calm: Storm = { late: 0, lateMs: 0, lost: 0, twice: 0 }

/** What befalls calls between processes: delays, losses, repetitions, cut cables and slow names. */
export class Weather {
  readonly #clock: Clock
  readonly #random: Random
  readonly #underlay: Underlay
  readonly #streams = new Set<{ readonly way: Way; readonly breaking: AbortController }>()
  #storm = calm
  /** How long the name of a host takes to be found. */
  namesMs = 0
  /** When a request was repeated last, on the world's clock. */
  repeatedAt = -Infinity

  constructor({ clock, random, underlay }: { clock: Clock; random: Random; underlay: Underlay }) {
    this.#clock = clock
    this.#random = random
    this.#underlay = underlay
  }

  /** Lets a storm blow in place of the one that blows; none calms it. */
  blow(storm: Storm = calm): void {
    this.#storm = storm
  }

  /** Gives up the streams that cannot pass, as their ends do a while after a cut. */
  cutStreams(): void {
    this.#clock.schedule(keepaliveMs, () => {
      for (const { way, breaking } of this.#streams) {
        if (!this.#passes(way)) breaking.abort(lost(way.url))
      }
    })
  }

  faultsOf(traveller: Traveller): Faults {
    return (journey) => {
      const { dead, host } = traveller
      if (dead.aborted) throw dead.reason
      const way = { url: journey.url, from: host, to: hostOf(journey.url) }
      return {
        broken: journey.isStream ? this.#stream(way, journey, dead) : dead,
        copies: this.#copies(),
        carry: (to, signal) => this.#carry(way, journey, to, signal),
      }
    }
  }

  #stream(way: Way, { signal }: Journey, dead: AbortSignal): AbortSignal {
    const breaking = new AbortController()
    const entry = { way, breaking }
    this.#streams.add(entry)
    dead.addEventListener("abort", () => breaking.abort(dead.reason), { signal, once: true })
    signal.addEventListener("abort", () => this.#streams.delete(entry), { once: true })
    return breaking.signal
  }

  async #carry(
    way: Way,
    { isStream }: Journey,
    to: "server" | "client",
    signal: AbortSignal,
  ): Promise<void> {
    const isRemote = way.from !== way.to
    if (isRemote && to === "server" && this.namesMs > 0) {
      await sleep(this.#clock, this.namesMs, signal)
    }
    const patience = to === "server" ? dialMs : keepaliveMs
    const until = this.#clock.now() + patience
    while (!this.#passes(way)) {
      if (this.#clock.now() >= until) throw lost(way.url)
      await sleep(this.#clock, 50, signal)
    }
    await sleep(this.#clock, this.#delay(isRemote), signal)
    if (!this.#happens(this.#storm.lost)) return
    // A stream never lacks an item: it breaks. A call waits in vain, or learns that it broke.
    if (isStream || this.#random.integer(2) === 0) throw lost(way.url)
    await new Promise(() => {})
  }

  #copies(): number {
    if (!this.#happens(this.#storm.twice)) return 1
    this.repeatedAt = this.#clock.now()
    return 2
  }

  #delay(isRemote: boolean): number {
    const usual = this.#random.integer(isRemote ? 2000 : 300) / 1000
    const { late, lateMs } = this.#storm
    return this.#happens(late) ? usual + this.#random.integer(lateMs) : usual
  }

  #passes({ from, to }: Way): boolean {
    return this.#underlay.reaches(from, to, "calls")
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#random.integer(1000) < chance
  }
}

interface Way {
  readonly url: string
  readonly from: string
  readonly to: string
}

/** Sockets are where they are; names are those of hosts. */
function hostOf(url: string): string {
  return /^\w+:\/\/\/?([^/:]+)/.exec(url)?.[1] ?? url
}

function lost(url: string): NsmError {
  return new NsmError("PEER_UNREACHABLE", `the connection to ${url} was lost`)
}
