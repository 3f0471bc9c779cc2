import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { checks } from "./shape/checks.ts"
import { inSuite } from "./in-suite.ts"
import { generatedWorkflows } from "./workflow-files.ts"
import { readWorkspaces } from "./workspaces.ts"

inSuite("shape", (root) => {
  const workspaces = readWorkspaces(root)

  for (const workspace of workspaces) {
    describe(workspace.folder, () => {
      for (const { title, faults } of checks) {
        it(title, () => {
          const found = faults(workspace, workspaces)
          if (found.length > 0) assert.fail(["", ...found].join("\n"))
        })
      }
    })
  }

  it("covers every folder that has a package.json", () => {
    const packages = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
      .filter(({ name }) => readdirSync(join(root, name)).includes("package.json"))
    assert.deepEqual(
      packages.map(({ name }) => name).toSorted(),
      workspaces.map(({ folder }) => folder).toSorted(),
    )
  })

  it("leaves no workflow of a package that is gone", () => {
    const own = ["_package.yaml", "_pipeline.yaml", "ci.yaml", "images.yaml", "weekly.yaml"]
    const found = readdirSync(join(root, ".github/workflows"))
    assert.deepEqual(
      found.map((name) => `.github/workflows/${name}`).toSorted(),
      [
        ...own.map((name) => `.github/workflows/${name}`),
        ...generatedWorkflows(workspaces).keys(),
      ].toSorted(),
    )
  })
})
