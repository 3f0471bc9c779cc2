import type { Mesh } from "../world/mesh.ts"
import type { World } from "../world/world.ts"

/** What has to hold, and what was found instead. */
export interface Violation {
  /** Name of the invariant. */
  readonly invariant: string
  /** The client's id of the connection; empty where it is about none. */
  readonly connection: string
  /** Where it was found. */
  readonly hop: string
  readonly text: string
}

/** Where a simulation is in its course. */
export interface Phase {
  /** Since when there are no faults, on the world's clock; undefined while there are. */
  readonly calmSince: number | undefined
  /** Whether there was any fault before. */
  readonly hadFaults: boolean
}

/** What an invariant looks at. */
export interface Sight {
  readonly world: World
  readonly mesh: Pick<Mesh, "forwarders" | "endpoints" | "wires" | "wanted">
  readonly phase: Phase
}

/** Something that always holds. */
export interface Invariant {
  readonly name: string
  /** Looks at the whole world; made anew for each, for it may remember what it has seen. */
  readonly look: (sight: Sight) => Iterable<Omit<Violation, "invariant">>
}
