import assert from "node:assert/strict"
import { changelogOf } from "./changelog.ts"

describe("a changelog", () => {
  const text = "# @nsm/api\n\n## 0.2.0\n\n### Minor Changes\n\n- New.\n\n## 0.1.0\n\n- Old.\n"

  it("is read for one version", () => {
    assert.equal(changelogOf(text, "0.2.0"), "### Minor Changes\n\n- New.")
    assert.equal(changelogOf(text, "0.1.0"), "- Old.")
  })

  it("says nothing of other versions", () => {
    assert.equal(changelogOf(text, "0.2"), "")
    assert.equal(changelogOf("", "0.2.0"), "")
  })
})
