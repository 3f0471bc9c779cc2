import type { Findings } from "../forge/findings.ts"
import type { WaveUpdate } from "./waves.ts"

/** What a stretch of a timeline shows. */
export type BarKind = "waiting" | "checking" | "red"

/** A stretch of a timeline, in milliseconds since the wave began. */
export interface Bar {
  readonly kind: BarKind
  readonly from: number
  readonly to: number
}

/** Tells when something was, in milliseconds since the wave began. */
export type Since = (at: string) => number

/** The stretches of an update, from when it was opened to when what came of it was released. */
export function barsOf({ builds, merged, released }: WaveUpdate, since: Since): readonly Bar[] {
  const checks = builds.flatMap(({ opened, findings }) => {
    const from = since(findings?.began ?? opened ?? "")
    const before = opened === undefined ? [] : [waiting(since(opened), from)]
    return [...before, ...(findings ? checkBars(findings, since) : [])]
  })
  const checked = checks.at(-1)?.to
  const end = released?.at ?? merged
  if (checked === undefined || end === undefined || since(end) <= checked) return checks
  return [...checks, waiting(checked, since(end))]
}

/** How long of it was spent with checks. */
export function checkingMs(bars: readonly Bar[]): number {
  return sum(bars.filter(({ kind }) => kind !== "waiting"))
}

/** How long of it was spent with waiting. */
export function waitingMs(bars: readonly Bar[]): number {
  return sum(bars.filter(({ kind }) => kind === "waiting"))
}

const sum = (bars: readonly Bar[]): number => bars.reduce((ms, { from, to }) => ms + to - from, 0)

const waiting = (from: number, to: number): Bar => {
  return { kind: "waiting", from: Math.min(from, to), to }
}

/** What a package waits for is those that it is built on to be packed, and a free processor. */
function checkBars(findings: Findings, since: Since): readonly Bar[] {
  const { verdict, began, ms, steps, failed } = findings
  const kind = verdict === "red" ? "red" : "checking"
  const own = steps.filter(({ name }) => name !== "pack" || failed?.step === "pack")
  const bars = own.flatMap((step): readonly Bar[] => {
    if (step.began === undefined) return []
    return [{ kind, from: since(step.began), to: since(step.began) + step.ms }]
  })
  if (bars.length === 0) return [{ kind, from: since(began), to: since(began) + ms }]
  return joined(bars).flatMap((bar, index, all) => {
    const before = all[index - 1]?.to ?? since(began)
    return before < bar.from ? [waiting(before, bar.from), bar] : [bar]
  })
}

/** What follows at once is one stretch. */
function joined(bars: readonly Bar[]): readonly Bar[] {
  return bars.reduce<readonly Bar[]>((all, bar) => {
    const last = all.at(-1)
    if (!last || bar.from - last.to > 100) return [...all, bar]
    return [...all.slice(0, -1), { ...last, to: Math.max(last.to, bar.to) }]
  }, [])
}
