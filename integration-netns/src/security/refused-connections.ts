import type { LabProcess } from "../lab/lab-process.ts"

/** How many connections a daemon has refused so far, by reason. */
export async function refusedBy(
  process: Pick<LabProcess, "page">,
): Promise<Readonly<Record<string, number>>> {
  const counts = (await process.page("/metrics")).matchAll(
    /^nsm_connections_refused_total\{reason="(\w+)"\} (\d+)$/gm,
  )
  return Object.fromEntries(
    [...counts].map(([, reason = "", count]) => [reason, Number(count)] as const),
  )
}
