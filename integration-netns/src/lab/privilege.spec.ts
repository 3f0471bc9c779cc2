import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cannotRunAs, needsPrivilege } from "./privilege.ts"

describe("what needs playgrounds of an ordinary user", () => {
  before(needsPrivilege)
  before(function () {
    if (process.getuid?.() === 0) return
    this["skipReason"] = "only root can run it as another user"
    this.skip()
  })

  it("cannot be tried where that user may not read the program, which is said", () => {
    const folder = mkdtempSync(join(tmpdir(), "nsm-privilege-spec-"))
    const file = join(folder, "nsm.js")
    try {
      writeFileSync(file, "")
      const reason = /an ordinary user may not read .*nsm\.js: keep the suite where others may/
      assert.match(cannotRunAs("nobody", file) ?? "", reason)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
