/** What made a connection heal: the hops on its path lost it, its wire is dead, or a hop asks for it. */
export type HealCause = "control-plane" | "data-plane" | "requested"

/** How it came out: the same wire again, another selection, or closed before it was healed. */
export type HealResult = "restored" | "reselected" | "closed"

/** What came of healing a connection. */
export interface Healed {
  readonly cause: HealCause
  readonly result: HealResult
  /** From when it was noticed. */
  readonly ms: number
}

/** Learns what becomes of connections that heal, such as for metrics. */
export interface HealObserver {
  /** A connection is lost, for now. */
  began?(connectionId: string, cause: HealCause): void
  /** It is back, or closed. */
  ended?(connectionId: string, healed: Healed): void
}
