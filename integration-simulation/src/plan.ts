import { seededRandom } from "@nsm/sdk"
import type { MeshSize } from "./world/mesh.ts"

/** How a simulation goes; all of it follows from its seed, but for what is wanted otherwise. */
export interface Plan extends MeshSize {
  readonly seed: number
  /** How long faults strike, in minutes. */
  readonly minutes: number
  /** How many strike in a minute, on average; 0 for none at all. */
  readonly faults: number
  readonly tokenLifetimeMs: number
  /** How far the clock of a host may be wrong. */
  readonly skewMs: number
}

/** What somebody wants of a plan, in place of what its seed says. */
export type Wanted = Partial<
  Pick<Plan, "nodes" | "services" | "endpoints" | "clients" | "minutes" | "faults">
>

/** Tens of managers, hundreds of clients and endpoints. */
export const largeWorld: Required<Wanted> = {
  ...{ nodes: 30, services: 20, endpoints: 100, clients: 300 },
  ...{ minutes: 5, faults: 20 },
}

/** What a seed says. */
export function planOf(seed: number, wanted: Wanted = {}): Plan {
  const random = seededRandom(seed)
  const between = (least: number, most: number): number => least + random.integer(most - least + 1)
  const nodes = between(2, 5)
  const endpoints = between(2, 6)
  const services = between(1, Math.min(3, endpoints))
  const clients = between(2, 10)
  const minutes = between(1, 5)
  const faults = random.integer(8) === 0 ? 0 : between(1, 12)
  const tokenLifetimeMs = [120_000, 300_000, 600_000][random.integer(3)] ?? 600_000
  const skewMs = [0, 1000, 10_000][random.integer(3)] ?? 0
  const own = { nodes, services, endpoints, clients, minutes, faults }
  return { seed, tokenLifetimeMs, skewMs, ...own, ...wanted }
}
