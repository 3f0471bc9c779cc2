import type { Row } from "./row.ts"
import { table } from "./table.ts"

/** One run of the benchmarks, as it is saved. */
export interface Run {
  readonly date: string
  readonly machine: {
    readonly cpu: string | undefined
    readonly cores: number
    readonly arch: string
    readonly kernel: string
    readonly node: string
  }
  /** Share of processor time that went to other machines on the same host, 0 to 1. */
  readonly stolen: number
  readonly seconds: number
  readonly rows: readonly Row[]
}

/** The page of a run, in Markdown. */
export function page(run: Run): string {
  return `# Benchmarks

Written by one run of

\`\`\`sh
NSM_WRITE_DOCS=1 npm run bench
\`\`\`

${conditions(run)} What stands side by side was measured in turn in this run; a target is the figure that the suite holds itself to on such a machine.

${table(run.rows)}
`
}

/** When, where and how undisturbed a run was, in words. */
export function conditions({ date, machine, stolen, seconds }: Omit<Run, "rows">): string {
  const { cpu = "unknown processor", cores, arch, kernel, node } = machine
  return `on ${date.slice(0, 10)}, in ${seconds} s: ${cpu}, ${cores} cores, ${arch}, Linux ${kernel}, Node ${node}. The host gave ${(stolen * 100).toFixed(1)} % of the processors' time to others meanwhile.`
}
