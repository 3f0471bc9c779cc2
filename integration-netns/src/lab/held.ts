import { setTimeout as wait } from "node:timers/promises"
import type { LabProcess } from "./lab-process.ts"

/** What processes hold, by their names, in numbers that must come back. */
export interface Held {
  readonly heapBytes: Readonly<Record<string, number>>
  readonly counted: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/**
 * Sockets close, and the kernel deletes, a little after the answer; the file that comes with a renewed
 * registration is let go after ten seconds.
 */
const settleLimitMs = 30_000

/** What probed processes hold now. */
export async function heldBy(processes: readonly LabProcess[]): Promise<Held> {
  const heapBytes: Record<string, number> = {}
  const counted: Record<string, Record<string, number>> = {}
  for (const process of processes) {
    const { descriptors, name } = process
    const holds = await process.holdings()
    heapBytes[name] = holds.heapBytes
    counted[name] = { ...holds.resources, descriptors }
  }
  return { heapBytes, counted }
}

/** What they hold when it is as before but for an allowance, or after some time. */
export async function heldAgain(
  processes: readonly LabProcess[],
  before: Held,
  allowance = 0,
): Promise<Held> {
  for (const until = Date.now() + settleLimitMs; ; await wait(200)) {
    const now = await heldBy(processes)
    if (Date.now() > until || grown(before, now, allowance).length === 0) return now
  }
}

/**
 * What there is more of than before, by more than an allowance. What a process needed only at its start may
 * be less.
 */
export function grown(before: Held, after: Held, allowance = 0): readonly string[] {
  return Object.entries(after.counted).flatMap(([name, counts]) =>
    Object.entries(counts).flatMap(([what, count]) => {
      const was = before.counted[name]?.[what] ?? 0
      return count > was + allowance ? [`${name} has ${count} of ${what}, and had ${was}`] : []
    }),
  )
}

/** Whose heap has grown by more than some bytes. */
export function fatter(before: Held, after: Held, toleranceBytes: number): readonly string[] {
  return Object.entries(after.heapBytes).flatMap(([name, bytes]) => {
    const more = bytes - (before.heapBytes[name] ?? 0)
    return more < toleranceBytes ? [] : [`${name} has ${more} bytes more on its heap`]
  })
}
