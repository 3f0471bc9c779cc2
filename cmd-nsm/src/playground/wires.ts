import { setTimeout as wait } from "node:timers/promises"
import type { Daemon } from "./daemon.ts"
import type { WireStatus } from "./status.ts"

/** How long a client may take for its wires, and how long one that is refused may ask again. */
const limitMs = 20_000
const refusedLimitMs = 2000

/** What a client's daemon says of its connections. */
export async function wiresOf(daemon: Daemon): Promise<WireStatus[]> {
  const page = await daemon.get("/connections").catch(() => undefined)
  return page === undefined ? [] : (JSON.parse(page) as WireStatus[])
}

/** Waits until a client has its wires, or until it is plain that it has to wait for some. */
export async function settledWires(daemon: Daemon): Promise<WireStatus[]> {
  const began = Date.now()
  for (;;) {
    const wires = await wiresOf(daemon)
    const missing = wires.filter(({ state }) => state !== "up")
    const isRefused = missing.every(({ error }) => error !== undefined)
    const waited = Date.now() - began
    if (missing.length === 0 || waited > (isRefused ? refusedLimitMs : limitMs)) return wires
    await wait(25)
  }
}
