// Runs benchmarks: `npm run bench` all of the one table, `npm run bench -- heal` one that takes longer and has
// a page of its own.
import { spawnSync } from "node:child_process"
import { join } from "node:path"

/** Who has the table. */
const table = "integration-interop"
/** Who has benchmarks that are not in it, by their names. */
const apart: Readonly<Record<string, string>> = { heal: "integration-heal" }

// Ctrl-C is for the benchmarks, which end in order.
process.on("SIGINT", () => undefined)
const wanted = process.argv.slice(2)
const folderOf = (name: string): string => apart[name] ?? table
for (const folder of wanted.length === 0 ? [table] : new Set(wanted.map(folderOf))) {
  const main = join(import.meta.dirname, "../..", folder, "dist/bench/main.js")
  const names = wanted.filter((name) => folderOf(name) === folder)
  const { status } = spawnSync(process.execPath, [main, ...names], { stdio: "inherit" })
  process.exitCode ||= status ?? 1
}
