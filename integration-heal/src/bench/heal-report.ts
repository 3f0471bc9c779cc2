import type { HealCase, WireKind } from "../heal-case.ts"
import type { WireResult } from "../run-case.ts"
import { quantile, type Row } from "@nsm/integration-netns"

/** What came of the runs of one case, for one kind of wire. */
export interface HealReport {
  readonly title: string
  readonly kind: WireKind
  readonly runs: number
  /** In how many runs something was not as promised. */
  readonly broken: number
  readonly backMs: Figure
  readonly lost: Figure
  readonly wholeMs: Figure
  readonly target: HealCase["target"]
}

/** Half of the runs did not exceed the one, nearly all not the other. */
export interface Figure {
  readonly p50: number
  readonly p99: number
}

/** Sums the runs of a case up, by kind of wire. */
export function reportsOf(
  { title, target }: HealCase,
  results: readonly WireResult[],
): readonly HealReport[] {
  const kinds = [...new Set(results.map(({ kind }) => kind))].toSorted().toReversed()
  return kinds.map((kind) => {
    const those = results.filter((result) => result.kind === kind)
    return {
      ...{ title, kind, target, runs: those.length },
      broken: those.filter(({ broken }) => broken.length > 0).length,
      backMs: figure(those.map(({ outage }) => outage.backMs)),
      lost: figure(those.map(({ outage }) => outage.lost)),
      wholeMs: figure(those.map(({ wholeMs }) => wholeMs)),
    }
  })
}

function figure(values: readonly number[]): Figure {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) }
}

/** Whether a case keeps what is promised. */
export function isMet({ broken, backMs, lost, target }: HealReport): boolean {
  const { backMs: longest = Infinity, lost: most = Infinity } = target
  return broken === 0 && backMs.p99 <= longest && lost.p99 <= most
}

/** The lines of the benchmark's table. */
export function rowsOf(report: HealReport): readonly Row[] {
  const { title, kind, runs, broken, backMs, lost, wholeMs, target } = report
  const name = `${title}, ${kind}`
  const measured = `${runs} runs`
  const atMost = (most: number | undefined) =>
    most === undefined ? {} : { target: { atMost: most } }
  return [
    {
      ...{ name, measured: `${measured}, packets flow again, p99`, value: backMs.p99, unit: "ms" },
      ...atMost(target.backMs),
    },
    {
      ...{ name, measured: `${measured}, packets lost, p99`, value: lost.p99, unit: "" },
      ...atMost(target.lost),
    },
    { name, measured: `${measured}, all is as it should be, p99`, value: wholeMs.p99, unit: "ms" },
    ...(broken > 0
      ? [{ name, measured: "runs not as promised", value: broken, unit: "", ...atMost(0) }]
      : []),
  ]
}
