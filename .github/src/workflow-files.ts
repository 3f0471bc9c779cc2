import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { readWorkspaces, slug, upstream, type Workspace } from "./workspaces.ts"

/** Where the workflow of a package lies, below the root. */
export function callerFile({ folder }: Workspace): string {
  return `.github/workflows/${slug(folder)}.yaml`
}

/** The workflow of a package: when to run, and a call of the one that does it. */
export function callerWorkflow(workspace: Workspace, all: readonly Workspace[]): string {
  const folders = [workspace, ...upstream(workspace, all)].map(({ folder }) => `${folder}/**`)
  const shared = ["package-lock.json", ".github/config/**", ".github/workflows/_package.yaml"]
  const paths = [...folders, ...shared].map((path) => `      - "${path}"\n`).join("")
  return `# Written by .github/src/workflow-files.ts
name: ${workspace.folder}
on:
  push:
    branches: [main]
    paths:
${paths}  pull_request:
    paths:
${paths}jobs:
  package:
    uses: ./.github/workflows/_package.yaml
    with:
      folder: ${workspace.folder}
`
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "../..")
  const all = readWorkspaces(root)
  for (const one of all) writeFileSync(join(root, callerFile(one)), callerWorkflow(one, all))
}
