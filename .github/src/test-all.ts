// Runs the tests of every package, one after the other so that what they print stays in order.
// Arguments choose packages: `npm test -- sdk api`.
import { join } from "node:path"
import { hasFailed, report, type PackageOutcome } from "./test-all/outcome.ts"
import { runPackage } from "./test-all/run-package.ts"
import { readWorkspaces } from "./workspaces.ts"

const wanted = process.argv.slice(2)
const all = readWorkspaces(join(import.meta.dirname, "../.."))
const unknown = wanted.find((name) => all.every(({ folder }) => folder !== name))
if (unknown !== undefined) {
  process.stderr.write(`There is no package ${unknown}.\n`)
  process.exit(2)
}

const outcomes: PackageOutcome[] = []
for (const { folder, path } of all) {
  if (wanted.length > 0 && !wanted.includes(folder)) continue
  process.stdout.write(`\n${folder}\n`)
  const begin = performance.now()
  const outcome = await runPackage(path)
  outcomes.push({ folder, ms: performance.now() - begin, ...outcome })
}
process.stdout.write(report(outcomes))
process.exitCode = hasFailed(outcomes) ? 1 : 0
