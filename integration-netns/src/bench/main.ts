import { mkdir, writeFile } from "node:fs/promises"
import { arch, cpus, release } from "node:os"
import { benches } from "./benches.ts"
import { inOwnNamespaces } from "./own-namespaces.ts"
import { type Row, verdict } from "./row.ts"
import { table } from "./table.ts"

const outside = await inOwnNamespaces()
process.exitCode = outside ?? (await run(process.argv.slice(2)))

/** Runs the named benchmarks, or all; answers the exit status: 1 when one failed or missed. */
async function run(wanted: readonly string[]): Promise<number> {
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
  await save(results, seconds)
  const missed = results.filter((row) => verdict(row) === "miss").length
  say(`${seconds} s, ${missed} missed, ${failures} failed; numbers in .bench/latest.json`)
  return interrupted.signal.aborted ? 130 : failures + missed > 0 ? 1 : 0
}

async function save(results: readonly Row[], seconds: number): Promise<void> {
  const folder = new URL("../../../.bench/", import.meta.url)
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    arch: arch(),
    kernel: release(),
    node: process.version,
  }
  const rows = results.map((row) => ({ ...row, verdict: verdict(row) }))
  await mkdir(folder, { recursive: true })
  await writeFile(
    new URL("latest.json", folder),
    `${JSON.stringify({ schemaVersion: 1, date: new Date().toISOString(), machine, seconds, rows }, undefined, 2)}\n`,
  )
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
