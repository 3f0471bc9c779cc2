import { type Bar, barsOf, checkingMs, type Since } from "./bars.ts"
import type { Wave, WaveBuild, WaveUpdate } from "./waves.ts"

/** The way of one package through a wave. */
export interface Row {
  readonly folder: string
  readonly stage: number
  readonly bars: readonly Bar[]
  /** How it ended, or stands: `0.2.0`, `red`, `checking`. */
  readonly outcome: string
}

/** A wave as bars on one axis. */
export interface Timeline {
  readonly root: string
  readonly began: string
  readonly state: Wave["state"]
  readonly rows: readonly Row[]
  readonly stages: readonly Stage[]
  /** From the release that began it to the last thing that happened. */
  readonly ms: number
  /** How long everything as one takes, where that is known. */
  readonly togetherMs?: number
}

/** What happened in one stage: from the first update opened to the last released. */
export interface Stage {
  readonly stage: number
  readonly folders: readonly string[]
  readonly from: number
  readonly to: number
  /** The checks of all packages one after the other. */
  readonly checkingMs: number
}

/** Puts what a wave remembers on one axis. */
export function timelineOf(wave: Wave): Timeline {
  const since = (at: string): number => Math.max(0, Date.parse(at) - Date.parse(wave.began))
  const folders = [...new Set(wave.updates.map(({ folder }) => folder))]
  const rows = folders.map((folder): Row => {
    const updates = wave.updates.filter((one) => one.folder === folder)
    const bars = updates
      .flatMap((update) => barsOf(update, since))
      .toSorted((a, b) => a.from - b.from)
    const last = updates.toSorted((a, b) => endOf(a, since) - endOf(b, since)).at(-1)
    return { folder, stage: last?.stage ?? 0, bars, outcome: last ? outcomeOf(last) : "" }
  })
  const ends = rows.flatMap(({ bars }) => bars.map(({ to }) => to))
  const { root, began, state, together } = wave
  return {
    ...{ root, began, state, rows },
    stages: stagesOf(rows),
    ms: Math.max(0, ...ends),
    ...(together && { togetherMs: together.ms }),
  }
}

function endOf({ builds, merged, released }: WaveUpdate, since: Since): number {
  const times = [released?.at, merged, ...builds.map(beganAt)].flatMap((at) =>
    at === undefined ? [] : [since(at)],
  )
  return Math.max(0, ...times)
}

function beganAt({ findings, opened }: WaveBuild): string | undefined {
  return findings?.began ?? opened
}

function outcomeOf({ builds, merged, released }: WaveUpdate): string {
  if (released) return released.version
  return merged === undefined ? (builds.at(-1)?.findings?.verdict ?? "open") : "merged"
}

function stagesOf(rows: readonly Row[]): readonly Stage[] {
  const numbers = [...new Set(rows.map(({ stage }) => stage))]
  return numbers.map((stage) => {
    const own = rows.filter((row) => row.stage === stage)
    const bars = own.flatMap((row) => row.bars)
    return {
      stage,
      folders: own.map(({ folder }) => folder),
      from: Math.min(...bars.map(({ from }) => from)),
      to: Math.max(...bars.map(({ to }) => to)),
      checkingMs: checkingMs(bars),
    }
  })
}
