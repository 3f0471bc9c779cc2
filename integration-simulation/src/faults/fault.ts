import type { Random } from "@nsm/sdk"
import type { Mesh } from "../world/mesh.ts"
import type { World } from "../world/world.ts"

/** What a fault strikes. */
export interface Scene {
  readonly world: World
  readonly mesh: Mesh
  readonly random: Random
}

/** Something that goes wrong. */
export interface Fault {
  readonly name: string
  /** How often it is drawn, against the others. */
  readonly weight: number
  /** The longest that it lasts. */
  readonly longestMs: number
  /** Strikes; answers what ends it, or nothing when it is over at once. */
  readonly strike: (scene: Scene) => (() => void) | undefined
}

/** One of several by chance; undefined when there is none. */
export function oneOf<T>(all: readonly T[], random: Random): T | undefined {
  return all[random.integer(Math.max(1, all.length))]
}
