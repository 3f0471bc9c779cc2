import { callerFile, callerWorkflow } from "../workflow-files.ts"
import { type Check, when } from "./check.ts"
import { read } from "./files.ts"
import { join } from "node:path"

/** Each package has its own job, which runs when the package changed or what it is built on. */
export const workflow: Check = {
  title: "has a workflow of its own",
  faults(workspace, all) {
    const root = join(workspace.path, "..")
    const file = callerFile(workspace)
    return when(
      read(root, file) !== callerWorkflow(workspace, all),
      `${file}: is not up to date, run \`node .github/src/workflow-files.ts\``,
    )
  },
}
