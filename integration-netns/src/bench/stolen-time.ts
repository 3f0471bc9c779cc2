import { readFileSync } from "node:fs"

/** Starts to count; answers a function that tells the share of processor time, 0 to 1, that the host gave to others since. */
export function stolenTime(): () => number {
  const before = processorTime()
  return () => {
    const now = processorTime()
    const total = now.total - before.total
    return total > 0 ? (now.stolen - before.stolen) / total : 0
  }
}

/** The first line of /proc/stat, in clock ticks (proc_stat(5)). */
function processorTime(): { readonly total: number; readonly stolen: number } {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/)
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user already.
  const [total, stolen] = [ticks.slice(0, 8), ticks.slice(7, 8)].map((some) =>
    some.reduce((sum, text) => sum + Number(text), 0),
  )
  return { total: total ?? 0, stolen: stolen ?? 0 }
}
