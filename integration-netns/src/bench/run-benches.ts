import { mkdir, writeFile } from "node:fs/promises"
import { arch, cpus, release } from "node:os"
import type { Bench } from "./bench.ts"
import { inOwnNamespaces } from "./own-namespaces.ts"
import { page, type Run } from "./page.ts"
import { type Row, verdict } from "./row.ts"
import { stolenTime } from "./stolen-time.ts"
import { table } from "./table.ts"

/** Benchmarks by name, in the order of the table. */
export type Benches = Readonly<Record<string, Bench>>

/**
 * Runs the named benchmarks, or all, in namespaces of its own, to which this program is started
 * again; answers the exit status: 1 when one failed or missed.
 */
export async function runBenches(benches: Benches, wanted: readonly string[]): Promise<number> {
  return (await inOwnNamespaces()) ?? (await run(benches, wanted))
}

async function run(benches: Benches, wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
  if (unknown.length > 0) {
    say(
      `no benchmark is called ${unknown.join(", ")}; there are: ${Object.keys(benches).join(", ")}`,
    )
    return 2
  }
  const interrupted = new AbortController()
  process.on("SIGINT", () => interrupted.abort()).on("SIGTERM", () => interrupted.abort())
  const from = performance.now()
  const stolen = stolenTime()
  const results: (Row & { readonly bench: string })[] = []
  let failures = 0
  for (const [bench, measure] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(bench)) continue
    if (interrupted.signal.aborted) break
    const step = (text: string): void => say(`${bench}: ${text}`)
    try {
      const rows = await measure({ signal: interrupted.signal, step })
      results.push(...rows.map((row) => ({ bench, ...row })))
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
  await save({ date, machine, stolen: stolen(), seconds, rows: results })
  const missed = results.filter((row) => verdict(row) === "miss").length
  say(`${seconds} s, ${missed} missed, ${failures} failed; numbers in .bench/latest.json`)
  return interrupted.signal.aborted ? 130 : failures + missed > 0 ? 1 : 0
}

/** Leaves the numbers for programs, and for readers where they were asked for. */
async function save(run: Run): Promise<void> {
  const root = new URL("../../../", import.meta.url)
  const rows = run.rows.map((row) => ({ ...row, verdict: verdict(row) }))
  const text = JSON.stringify({ schemaVersion: 1, ...run, rows }, undefined, 2)
  await mkdir(new URL(".bench/", root), { recursive: true })
  await writeFile(new URL(".bench/latest.json", root), `${text}\n`)
  if (process.env["NSM_WRITE_DOCS"] === "1") {
    await writeFile(new URL("integration-netns/docs/benchmarks.md", root), page(run))
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
