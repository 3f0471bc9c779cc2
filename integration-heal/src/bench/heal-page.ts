import { conditions, markdownTable, type Row, type Run, table } from "@nsm/integration-netns"
import { bars } from "./bars.ts"
import { type HealReport, isMet } from "./heal-report.ts"

/** How often each thing happens, unless HEAL_RUNS says so. */
export const usualRuns = 20

/** What a run has measured. */
export interface HealNumbers {
  readonly reports: readonly HealReport[]
  /** What many endpoints and connections do. */
  readonly scale: readonly Row[]
}

/** The page about healing of a run, in Markdown. */
export function healPage(run: Run, { reports, scale }: HealNumbers): string {
  return `# How soon wires heal

Written by one run of

\`\`\`sh
${command(reports)}
\`\`\`

${conditions(run)}

Each case happens many times to a mesh of real processes, nodes being network namespaces of this machine. Meanwhile each client sends an echo request every 10 ms over IPv4 and one over IPv6. _Back_ is the time from the disturbance to the reply to the first request after all that were lost or answered more than 200 ms late, for the later of both families; 0 says that there was none of these. _Lost_ counts requests without reply of both families, 200 a second. _Whole_ is the time until every process knows the wires that it should, and all that lives can be found again. p99 of few runs is the worst of them, and decides whether a target is met.

${casesTable(reports)}

## At a glance

Time until packets flow again, p50 and p99:

\`\`\`text
${bars(reports.map(({ title, kind, backMs }) => ({ name: `${title}, ${kind}`, ...backMs })))}
\`\`\`

## Many

${table(scale)}
`
}

/** What writes the page with as many runs again; twenty need not be said. */
function command(reports: readonly HealReport[]): string {
  const runs = Math.max(0, ...reports.map((report) => report.runs))
  const few = runs === usualRuns ? "" : `HEAL_RUNS=${runs} `
  return `${few}NSM_WRITE_DOCS=1 npm run bench -- heal`
}

function casesTable(reports: readonly HealReport[]): string {
  const head = [
    "What happens",
    "Wire",
    "Runs",
    "Back, p50",
    "Back, p99",
    "Lost, p50",
    "Lost, p99",
    "Whole, p50",
    "Whole, p99",
  ]
  const lines = reports.map((report) => {
    const { title, kind, runs, backMs, lost, wholeMs, broken } = report
    const times = [backMs.p50, backMs.p99].map(ms)
    const figures = [
      ...times,
      String(lost.p50),
      String(lost.p99),
      ...[wholeMs.p50, wholeMs.p99].map(ms),
    ]
    const verdict = isMet(report)
      ? "met"
      : broken > 0
        ? `missed, ${broken} runs went wrong`
        : "missed"
    return [title, kind, String(runs), ...figures, targetOf(report), verdict]
  })
  return markdownTable([[...head, "Target", ""], ...lines])
}

function targetOf({ target: { backMs, lost } }: HealReport): string {
  return [
    ...(backMs === undefined ? [] : [`back in ${backMs / 1000} s`]),
    ...(lost === undefined ? [] : [`${lost} lost`]),
  ].join(", ")
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value)} ms` : "never"
}
