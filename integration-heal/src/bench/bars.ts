/** One line of a chart. */
export interface Bar {
  readonly name: string
  readonly p50: number
  readonly p99: number
}

const width = 50

/** A chart of times in milliseconds: a full bar up to p50, a light one on to p99. */
export function bars(all: readonly Bar[]): string {
  const finite = all.map(({ p99 }) => p99).filter(Number.isFinite)
  const longest = Math.max(1, ...finite)
  const names = Math.max(0, ...all.map(({ name }) => name.length))
  const length = (ms: number): number => Math.round((Math.min(ms, longest) / longest) * width)
  return all
    .map(({ name, p50, p99 }) => {
      const full = "█".repeat(length(p50))
      const bar = full + "░".repeat(Math.max(0, length(p99) - full.length))
      return `${name.padEnd(names)} ${bar}${bar === "" ? "" : " "}${seconds(p50)} to ${seconds(p99)}`
    })
    .join("\n")
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : "never"
}
