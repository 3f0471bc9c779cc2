import type { Reason } from "@nsm/sdk"
import { becomes } from "../lab/becomes.ts"
import type { LabProcess } from "../lab/lab-process.ts"

type Page = Pick<LabProcess, "page">

/** How many connections a daemon has refused so far, for a reason. */
export async function refusedBy(process: Page, reason: Reason): Promise<number> {
  const page = await process.page("/metrics")
  const line = new RegExp(`^nsm_connections_refused_total\\{reason="${reason}"\\} (\\d+)$`, "m")
  return Number(line.exec(page)?.[1] ?? 0)
}

/** Waits until a daemon has refused more than before: a caller is told before it is counted. */
export async function refusesMore(process: Page, reason: Reason, before: number): Promise<void> {
  await becomes(async () => (await refusedBy(process, reason)) > before, true)
}
