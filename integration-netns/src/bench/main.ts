import { benches } from "./benches.ts"
import { runBenches } from "./run-benches.ts"

process.exitCode = await runBenches(benches, process.argv.slice(2))
