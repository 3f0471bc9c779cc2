import type { Scene } from "./scene.ts"

/** Whether client and endpoint of a wire are on the same node. */
export type WireKind = "within a node" | "across nodes"

/** Something that happens to a mesh, and what is promised of the wires. */
export interface HealCase {
  /** What happens, as a table says it. */
  readonly title: string
  /** Which wires it happens to. @default both kinds */
  readonly wires?: readonly WireKind[]
  /** What has to stand beforehand, such as an endpoint that can take over. */
  prepare?(scene: Scene): Promise<unknown>
  /** Does it; answers when packets could flow again at the earliest, where that is not the beginning. */
  disturb(scene: Scene): Promise<number | void>
  /** Makes up for what the disturbance took, such as a node. */
  repair?(scene: Scene): Promise<unknown>
  readonly expected: Expected
  readonly target: HealTarget
}

/** What must be so once the wires are back. */
export interface Expected {
  /** Which endpoint serves afterwards; `dead` is the same one, of which only the wire is left. */
  readonly endpoint: "same" | "other" | "dead"
  readonly addresses: "same" | "any"
  /** Whether it is the same interface rather than one that was made anew. @default false */
  readonly keepsInterface?: boolean
}

/** What the suite holds itself to. */
export interface HealTarget {
  /** From the disturbance until packets flow again. */
  readonly backMs?: number
  readonly lost?: number
}

/** Nothing may be lost, and the wire stays as it is. */
export const untouched = {
  expected: { endpoint: "same", addresses: "same", keepsInterface: true },
  target: { lost: 0 },
} as const satisfies Pick<HealCase, "expected" | "target">
