// what can happen to a mesh, and what is promised
export type { Expected, HealCase, HealTarget, WireKind } from "./heal-case.ts"
export { type HealGroup, healGroups } from "./heal-groups.ts"
export { runCase, type WireResult } from "./run-case.ts"
export { Scene, type SceneOptions } from "./scene.ts"

// how soon wires heal
export { heal } from "./bench/heal.ts"
