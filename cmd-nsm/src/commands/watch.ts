import { type Clock, sleep } from "@nsm/sdk"
import type { Status } from "../playground/status.ts"
import type { Format } from "../view/output.ts"
import { statusText } from "./status.ts"

/** What watching needs. */
export interface WatchOptions {
  readonly format: Format
  /** Asks for the status. */
  readonly look: () => Promise<Status>
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  readonly show: (text: string) => void
}

const intervalMs = 1000

/** Shows the status whenever it has changed, until the signal fires. */
export async function watch({ format, look, clock, signal, show }: WatchOptions): Promise<void> {
  let last = ""
  while (!signal.aborted) {
    const now = await look()
    const news = statusText(steady(now), format)
    if (news !== last) show(statusText(now, format))
    last = news
    await sleep(clock, intervalMs, signal).catch(ignoreEnd(signal))
  }
}

function ignoreEnd(signal: AbortSignal): (failure: unknown) => void {
  return (failure) => {
    if (!signal.aborted) throw failure
  }
}

/** What changes all the time is no news. */
function steady(status: Status): Status {
  const calm = <T extends { readonly residentBytes: number }>(daemon: T): T => ({
    ...daemon,
    residentBytes: 0,
  })
  return {
    ...status,
    nodes: status.nodes.map((node) => ({ ...node, daemons: node.daemons.map(calm) })),
    workloads: status.workloads.map((one) => ({ ...one, daemon: calm(one.daemon) })),
  }
}
