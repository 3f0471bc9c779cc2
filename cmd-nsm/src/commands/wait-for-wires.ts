import { type Clock, NsmError, rootCause, sleep } from "@nsm/sdk"
import type { Status } from "../playground/status.ts"
import { missingWire } from "./missing-wires.ts"

/** What waiting for wires needs. */
export interface WaitForWiresOptions {
  /** Asks for the status. */
  readonly look: () => Promise<Pick<Status, "wires">>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly limitMs: number
}

const intervalMs = 200

/** Waits until all wires are up; fails with what is missing when that takes too long. */
export async function waitForWires(options: WaitForWiresOptions): Promise<void> {
  const { look, clock, signal, limitMs } = options
  const end = clock.now() + limitMs
  for (;;) {
    const { wires } = await look()
    const missing = wires.filter(({ state }) => state !== "up").map(missingWire)
    const [first] = missing
    if (!first) return
    if (clock.now() >= end) {
      const text = `after ${limitMs / 1000} s ${missing.length} of ${wires.length} wires are missing`
      const { remedy } = rootCause(first)
      throw new NsmError("DEADLINE_EXCEEDED", text, { cause: new AggregateError(missing), remedy })
    }
    await sleep(clock, intervalMs, signal)
  }
}
