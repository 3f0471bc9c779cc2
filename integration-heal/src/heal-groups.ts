import { controlPlaneCases } from "./cases/control-plane.ts"
import { endpointCases } from "./cases/endpoints.ts"
import { forwarderCases } from "./cases/forwarders.ts"
import { networkCases } from "./cases/network.ts"
import { nodeCases } from "./cases/nodes.ts"
import type { HealCase } from "./heal-case.ts"
import type { SceneOptions } from "./scene.ts"

/** Cases that may happen to the same scene one after the other. */
export interface HealGroup {
  readonly title: string
  readonly scene: SceneOptions
  readonly cases: readonly HealCase[]
}

const two: SceneOptions = { nodes: ["node-1", "node-2"], clients: ["node-1", "node-2"] }
const three: SceneOptions = { nodes: ["node-1", "node-2", "node-3"], clients: ["node-2"] }

/** All that can happen, in the order of the table. */
export const healGroups: readonly HealGroup[] = [
  { title: "endpoints", scene: two, cases: endpointCases },
  { title: "forwarders", scene: two, cases: forwarderCases },
  { title: "managers, registry and authority", scene: two, cases: controlPlaneCases },
  { title: "networks and clients", scene: two, cases: networkCases },
  { title: "nodes", scene: three, cases: nodeCases },
]
