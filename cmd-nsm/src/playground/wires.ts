import { sleep, systemClock } from "@nsm/sdk"
import type { Daemon } from "./daemon.ts"
import type { WireStatus } from "./status.ts"

/** How long a client may take for its wires. */
const limitMs = 20_000
/** How long one may ask again whom a hop was too busy to answer, or was not there yet. */
const unansweredLimitMs = 10_000
/** How long one may ask again that was refused. */
const refusedLimitMs = 2000

/** What a client's daemon says of its connections. */
export async function wiresOf(daemon: Pick<Daemon, "get">): Promise<WireStatus[]> {
  const page = await daemon.get("/connections").catch(() => undefined)
  return page === undefined ? [] : (JSON.parse(page) as WireStatus[])
}

/** Waits until a client has its wires, or until it is plain that it has to wait for some. */
export async function settledWires(
  daemon: Pick<Daemon, "get">,
  clock = systemClock,
): Promise<WireStatus[]> {
  const began = clock.now()
  for (;;) {
    const wires = await wiresOf(daemon)
    const missing = wires.filter(({ state }) => state !== "up")
    if (missing.length === 0 || clock.now() - began > patienceMs(missing)) return wires
    await sleep(clock, 25)
  }
}

function patienceMs(missing: readonly WireStatus[]): number {
  if (missing.some(({ error }) => error === undefined)) return limitMs
  const isUnanswered = missing.some(
    ({ lastError: { reason } = {} }) =>
      reason === "PEER_UNREACHABLE" || reason === "DEADLINE_EXCEEDED",
  )
  return isUnanswered ? unansweredLimitMs : refusedLimitMs
}
