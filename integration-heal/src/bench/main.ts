import { runBenches } from "@nsm/integration-netns"
import { heal } from "./heal.ts"

process.exitCode = await runBenches({ heal }, process.argv.slice(2))
