import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pipelineWorkflows } from "./pipeline-workflows.ts"
import { readWorkspaces, slug, upstream, type Workspace } from "./workspaces.ts"

/** Where the workflow of a package lies, below the root. */
export function callerFile({ folder }: Workspace): string {
  return `.github/workflows/${slug(folder)}.yaml`
}

/** What tests the suite as it lies in the checkout, so that any change may make it red. */
const ofWholeSuite: readonly string[] = [".github", "integration-pipeline", "integration-wave"]

/** The paths of a package's workflow: its own, and all that it is built on; none for every change. */
function pathsOf(workspace: Workspace, all: readonly Workspace[]): string {
  if (ofWholeSuite.includes(workspace.folder)) return ""
  const folders = [workspace, ...upstream(workspace, all)].map(({ folder }) => `${folder}/**`)
  const shared = [
    "package-lock.json",
    ".github/actions/**",
    ".github/config/**",
    ".github/workflows/_package.yaml",
  ]
  const paths = [...folders, ...shared].map((path) => `      - "${path}"\n`)
  return `    paths:\n${paths.join("")}`
}

/** The workflow of a package: when to run, and a call of the one that does it. */
export function callerWorkflow(workspace: Workspace, all: readonly Workspace[]): string {
  const paths = pathsOf(workspace, all)
  return `# Written by .github/src/workflow-files.ts
name: ${workspace.folder}
on:
  push:
    branches: [main]
${paths}  pull_request:
${paths}  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: \${{ github.workflow }} \${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}
jobs:
  package:
    uses: ./.github/workflows/_package.yaml
    with:
      folder: ${workspace.folder}
`
}

/** All workflows that are written from the packages, by file. */
export function generatedWorkflows(all: readonly Workspace[]): ReadonlyMap<string, string> {
  const callers = all.map((one) => [callerFile(one), callerWorkflow(one, all)] as const)
  return new Map([...callers, ...pipelineWorkflows(all)])
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "../..")
  const all = readWorkspaces(root)
  for (const [file, text] of generatedWorkflows(all)) writeFileSync(join(root, file), text)
}
