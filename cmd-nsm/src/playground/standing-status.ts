import type { StandingNode } from "./standing-node.ts"
import type { StandingWorkload } from "./standing-workload.ts"
import type { NodeStatus, WorkloadStatus } from "./status.ts"

/** How a node stands now. */
export async function nodeStatus({ node, addresses, daemons }: StandingNode): Promise<NodeStatus> {
  const processes = await Promise.all(daemons.map((daemon) => daemon.status()))
  return { name: node.name, addresses, daemons: processes }
}

/** How a workload stands now. */
export async function workloadStatus({
  kind,
  workload: { name, node, services },
  daemon,
}: StandingWorkload): Promise<WorkloadStatus> {
  return { name, kind, node, services, daemon: await daemon.status() }
}

/** Sorts by name, numbers in names by value. What started first depends on chance. */
export function byName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
}
