import { mkdir, writeFile } from "node:fs/promises"
import { arch, cpus, release } from "node:os"
import type { Bench, BenchContext } from "./bench.ts"
import { inOwnNamespaces } from "./own-namespaces.ts"
import { page, type Run } from "./page.ts"
import type { PagedBench } from "./paged-bench.ts"
import { type Row, verdict } from "./row.ts"
import { stolenTime } from "./stolen-time.ts"
import { table } from "./table.ts"

/** Benchmarks by name, in the order of the table. */
export type Benches = Readonly<Record<string, Bench | PagedBench>>

/**
 * Runs the named benchmarks, or all, in namespaces of its own, to which this program is started again;
 * answers the exit status: 1 when one failed or missed.
 */
export async function runBenches(benches: Benches, wanted: readonly string[]): Promise<number> {
  return (await inOwnNamespaces()) ?? (await run(benches, wanted))
}

async function run(benches: Benches, wanted: readonly string[]): Promise<number> {
  const names = Object.keys(benches)
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    say(`no benchmark is called ${unknown.join(", ")}; there are: ${names.join(", ")}`)
    return 2
  }
  const interrupted = new AbortController()
  process.on("SIGINT", () => interrupted.abort()).on("SIGTERM", () => interrupted.abort())
  const from = performance.now()
  const stolen = stolenTime()
  const results: (Row & { readonly bench: string })[] = []
  const pages: Page[] = []
  let failures = 0
  for (const [bench, measure] of chosen(benches, wanted)) {
    if (interrupted.signal.aborted) break
    const step = (text: string): void => say(`${bench}: ${text}`)
    try {
      const { rows, page: own } = await measure({ signal: interrupted.signal, step })
      results.push(...rows.map((row) => ({ bench, ...row })))
      if (!pages.some(({ file }) => file.href === own.file.href)) pages.push(own)
    } catch (failure) {
      failures += 1
      say(
        `${bench} failed: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`,
      )
    }
  }
  const seconds = Math.round((performance.now() - from) / 1000)
  process.stdout.write(`\n${table(results)}\n`)
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    arch: arch(),
    kernel: release(),
    node: process.version,
  }
  const date = new Date().toISOString()
  await save({ date, machine, stolen: stolen(), seconds, rows: results }, pages)
  const missed = results.filter((row) => verdict(row) === "miss").length
  say(`${seconds} s, ${missed} missed, ${failures} failed; numbers in .bench/latest.json`)
  return interrupted.signal.aborted ? 130 : failures + missed > 0 ? 1 : 0
}

/** Where readers find numbers. */
interface Page {
  readonly file: URL
  readonly text: (run: Run) => string
}

/** What one benchmark came to. */
interface Measured {
  readonly rows: readonly Row[]
  readonly page: Page
}

type Measure = (context: BenchContext) => Promise<Measured>

/** What is wanted, in the order of the table. */
function chosen(
  benches: Benches,
  wanted: readonly string[],
): readonly (readonly [string, Measure])[] {
  return Object.entries(benches)
    .filter(([name]) => wanted.length === 0 || wanted.includes(name))
    .map(([name, bench]) => [name, typeof bench === "function" ? inTable(bench) : onPage(bench)])
}

/** Where the table of all benchmarks lies. */
const tablePage = new URL("../../docs/benchmarks.md", import.meta.url)

function inTable(bench: Bench): Measure {
  return async (context) => ({
    rows: await bench(context),
    page: { file: tablePage, text: page },
  })
}

function onPage(bench: PagedBench): Measure {
  return async (context) => {
    const { rows, page: text } = await bench.measure(context)
    return { rows, page: { file: bench.file, text } }
  }
}

/** Leaves the numbers for programs, and for readers where they were asked for. */
async function save(run: Run, pages: readonly Page[]): Promise<void> {
  const root = new URL("../../../", import.meta.url)
  const rows = run.rows.map((row) => ({ ...row, verdict: verdict(row) }))
  const text = JSON.stringify({ schemaVersion: 1, ...run, rows }, undefined, 2)
  await mkdir(new URL(".bench/", root), { recursive: true })
  await writeFile(new URL(".bench/latest.json", root), `${text}\n`)
  if (process.env["NSM_WRITE_DOCS"] !== "1") return
  for (const { file, text: written } of pages) await writeFile(file, written(run))
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
