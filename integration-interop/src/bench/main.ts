import { benches, runBenches } from "@nsm/integration-netns"
import { goBench } from "./go.ts"
import { goProgram } from "../lab/go-program.ts"

const wanted = process.argv.slice(2)
// Modules may have to come from elsewhere, and inside its namespaces the run has no network.
if (wanted.length === 0 || wanted.includes("go")) await goProgram()
process.exitCode = await runBenches({ ...benches, go: goBench }, wanted)
