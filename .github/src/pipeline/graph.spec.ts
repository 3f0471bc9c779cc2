import assert from "node:assert/strict"
import type { Manifest, Workspace } from "../workspaces.ts"
import { dependentsOf, graphOf, nodeOf, upstreamsOf } from "./graph.ts"
import { PipelineError } from "./pipeline-error.ts"
import type { Reason } from "./reasons.ts"

function workspace(folder: string, needs: Readonly<Record<string, string>> = {}): Workspace {
  const names = Object.entries(needs).map(([name, range]) => [`@nsm/${name}`, range] as const)
  const manifest: Manifest = {
    name: `@nsm/${folder.replace(".", "dot-")}`,
    version: "0.1.0",
    dependencies: Object.fromEntries(names),
    devDependencies: folder.startsWith(".") ? {} : { "@nsm/dot-github": "0.1.0", mocha: "1.0.0" },
  }
  return { folder, path: folder, manifest }
}

const suite = [
  workspace("integration-x", { "cmd-a": "^0.1.0", sdk: "0.1.0" }),
  workspace("cmd-a", { api: "0.1.0", sdk: "0.1.0", "sdk-k": ">=0.1.0 <1.0.0" }),
  workspace(".github"),
  workspace("sdk-k", { sdk: "~0.1.0" }),
  workspace("sdk", { api: "0.1.0" }),
  workspace("api"),
]

function fails(reason: Reason, text: RegExp, workspaces: readonly Workspace[]): void {
  assert.throws(
    () => graphOf(workspaces),
    (error: unknown) =>
      error instanceof PipelineError && error.reason === reason && text.test(error.message),
  )
}

describe("the graph", () => {
  it("has each package in the stage after all that it is built on", () => {
    assert.deepEqual(
      graphOf(suite).map(({ folder, stage }) => `${stage} ${folder}`),
      ["0 .github", "1 api", "2 sdk", "3 sdk-k", "4 cmd-a", "5 integration-x"],
    )
  })

  it("knows who names a package, and all that comes with one", () => {
    const graph = graphOf(suite)
    const names = (all: readonly { folder: string }[]) => all.map(({ folder }) => folder)
    assert.deepEqual(names(dependentsOf(graph, "@nsm/sdk")), ["sdk-k", "cmd-a", "integration-x"])
    assert.deepEqual([...upstreamsOf(graph, "cmd-a")].toSorted(), [
      "@nsm/api",
      "@nsm/sdk",
      "@nsm/sdk-k",
    ])
    assert.equal(
      nodeOf(graph, "cmd-a").links.find(({ isDevelopment }) => isDevelopment)?.range,
      "0.1.0",
    )
    assert.throws(() => nodeOf(graph, "cmd-b"), /PACKAGE_UNKNOWN: there is no package cmd-b/)
  })

  it("refuses a cycle, and says which", () => {
    const both = { "sdk-a": { "sdk-b": "0.1.0" }, "sdk-b": { "sdk-a": "0.1.0" } }
    const cycle = Object.entries(both).map(([folder, needs]) => workspace(folder, needs))
    fails("DEPENDENCY_CYCLE", /: @nsm\/sdk-a → @nsm\/sdk-b → @nsm\/sdk-a$/, cycle)
    const itself = [workspace("api", { api: "0.1.0" })]
    fails("DEPENDENCY_CYCLE", /: @nsm\/api → @nsm\/api$/, itself)
  })

  it("refuses directions that the table does not have", () => {
    fails("DIRECTION_FORBIDDEN", /api may not depend on @nsm\/sdk/, [
      workspace("api", { sdk: "0.1.0" }),
      workspace("sdk"),
    ])
    const shipped = { ...workspace("api").manifest, dependencies: { "@nsm/dot-github": "0.1.0" } }
    fails("DIRECTION_FORBIDDEN", /api may not depend on @nsm\/dot-github/, [
      workspace(".github"),
      { ...workspace("api"), manifest: shipped },
    ])
  })

  it("refuses a package without version", () => {
    const { manifest } = workspace("api")
    for (const version of ["", "1.0", "next"]) {
      fails("VERSION_MISSING", /api\/package\.json/, [
        { folder: "api", path: "api", manifest: { ...manifest, version } },
      ])
    }
  })

  it("refuses a range that names no version", () => {
    for (const range of ["*", "latest", "1.x", ">=2.0.0 <1.0.0", "workspace:*", ""]) {
      fails("RANGE_IMPOSSIBLE", /sdk\/package\.json: @nsm\/api/, [
        workspace("api"),
        workspace("sdk", { api: range }),
      ])
    }
  })
})
