import type { LabProcess } from "./lab-process.ts"

/** How many connections a hop has now, by its own account. */
export async function connectionsAt(hop: Pick<LabProcess, "page">): Promise<number> {
  const counts = (await hop.page("/metrics")).matchAll(/^nsm_connections\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}
