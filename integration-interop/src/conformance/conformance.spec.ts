import assert from "node:assert/strict"
import { assertPrinted } from "@nsm/sdk/testing"
import type { Side } from "../lab/member.ts"
import { allOn, Mesh } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"
import { checks } from "./checks.ts"
import { examineMesh } from "./examine-mesh.ts"
import type { Report } from "./result.ts"
import { allVerdicts, failures, summary } from "./side-by-side.ts"

const document = new URL("../../docs/conformance.md", import.meta.url)

describe("the conformance suite", function () {
  this.timeout(180_000)
  const reports: Record<Side, readonly Report[]> = { ours: [], go: [] }

  for (const side of ["ours", "go"] as const) {
    it(`finds nothing that it cannot check of ${side === "ours" ? "ours" : "Go's"}`, async function () {
      if (side === "go") await needsGo.call(this)
      await using mesh = await Mesh.up({ sides: allOn(side), forwarderSocket: "tcp" })
      const found = await examineMesh(mesh)
      reports[side] = found
      const unseen = found.flatMap(({ role, results }) =>
        results
          .filter(({ verdict }) => verdict === "not applicable")
          .map(({ id, seen }) => `${role} ${id}: ${seen}`),
      )
      assert.deepEqual(unseen, [])
    })
  }

  it("finds what the document says", function () {
    if (reports.ours.length === 0 || reports.go.length === 0) {
      this["skipReason"] = "one of the two was not checked"
      this.skip()
    }
    assertPrinted({ file: document, section: "summary", text: summary(reports) })
    assertPrinted({ file: document, section: "failures", text: failures(reports) })
    assertPrinted({ file: document, section: "checks", text: allVerdicts(checks, reports) })
  })
})
