import type { Selection } from "../topology/topology.ts"
import type { Services } from "./services.ts"
import type { Underlay } from "./underlay.ts"

/** What all nodes and workloads of a playground share. */
export interface Domain {
  readonly underlay: Underlay
  readonly registryUrl: string
  /** Network services that no endpoint registers. */
  readonly services: Services
  readonly selection: Selection
  /** Folder for sockets and logs. */
  readonly directory: string
  /** Variables that every daemon gets, such as where its identity comes from. */
  readonly settings: Readonly<Record<string, string>>
}
