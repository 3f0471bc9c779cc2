import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inSuite } from "../in-suite.ts"
import { readWorkspaces } from "../workspaces.ts"
import { graphOf } from "./graph.ts"
import { graphSvg, graphText } from "./picture.ts"

inSuite("the picture of its packages", (root) => {
  /** Compares a generated document, or writes it with NSM_WRITE_DOCS=1. */
  function assertWritten(file: string, text: string): void {
    if (process.env["NSM_WRITE_DOCS"] === "1") writeFileSync(join(root, file), text)
    const written = readFileSync(join(root, file), "utf8")
    assert.equal(written, text, `${file} is not up to date: NSM_WRITE_DOCS=1 npm test writes it`)
  }

  it("is in the documents, as text too", () => {
    const graph = graphOf(readWorkspaces(root))
    assertWritten("docs/packages.svg", graphSvg(graph))
    assertWritten(
      "docs/packages.md",
      `# Packages

<!-- Written by NSM_WRITE_DOCS=1 npm test -- .github -->

What is built on what, from left to right; a release travels the same way. A line that others imply is left out.

![Which package is built on which](packages.svg)

Every package with those that name it in their manifests:

\`\`\`text
${graphText(graph)}
\`\`\`
`,
    )
  })
})

describe("a picture of packages", () => {
  it("says who is built on a package", () => {
    const link = { range: "0.1.0", version: "0.1.0", isDevelopment: false }
    const text = graphText([
      { folder: "api", name: "@nsm/api", version: "0.2.0", links: [], stage: 0 },
      {
        folder: "sdk",
        name: "@nsm/sdk",
        version: "0.1.0",
        links: [{ name: "@nsm/api", ...link }],
        stage: 1,
      },
    ])
    assert.equal(text, "stage 0\n  api → sdk\nstage 1\n  sdk")
  })

  it("draws a line only where no other implies it", () => {
    const link = (name: string) => ({
      name,
      range: "1.0.0",
      version: "1.0.0",
      isDevelopment: false,
    })
    const node = (name: string, stage: number, ...needs: string[]) => {
      return { folder: name, name, version: "1.0.0", links: needs.map(link), stage }
    }
    const svg = graphSvg([node("api", 0), node("sdk", 1, "api"), node("cmd-a", 2, "api", "sdk")])
    assert.equal(svg.match(/<path/g)?.length, 2)
  })
})
