import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite } from "../fixture.ts"
import { meantForge, meantForgeToChange } from "./meant-forge.ts"

const hub = "https://github.com/owner/suite.git"

describe("the forge that is meant", () => {
  for (const named of [
    "github:owner/suite",
    "https://github.com/owner/suite",
    "https://github.com/owner/suite.git",
    "https://user:s3cret@github.com/owner/suite.git",
    "ssh://git@github.com/owner/suite.git",
    "git@github.com:owner/suite.git",
  ]) {
    it(`is GitHub for ${named}, and its address has no password`, async () => {
      assert.equal((await meantForge(named, "/")).url, hub)
    })
  }

  it("is the bare repository in a folder", async () => {
    using one = suite({ api: {} })
    assert.equal((await meantForge(one.path, "/")).url, one.path)
  })

  it("is unknown where there is neither, and no password is told", async () => {
    const elsewhere = "https://user:s3cret@example.org/suite.git"
    const says = /FORGE_UNKNOWN: https:\/\/example\.org\/suite\.git is neither/
    await assert.rejects(meantForge(elsewhere, "/"), says)
    const folder = mkdtempSync(join(tmpdir(), "nsm-nowhere-"))
    try {
      await assert.rejects(meantForge(undefined, folder), /FORGE_UNKNOWN: no remote origin/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("is not changed where something here would be left out", async () => {
    using one = suite({ api: {} })
    const folder = mkdtempSync(join(tmpdir(), "nsm-checkout-"))
    try {
      execFileSync("git", ["clone", "--quiet", one.path, folder])
      assert.equal((await meantForgeToChange(undefined, folder)).url, one.path)
      writeFileSync(join(folder, ".changeset/mine.md"), "---\n---\n")
      const says = /TREE_DIRTY: .*\.changeset\/mine\.md: not committed/
      await assert.rejects(meantForgeToChange(undefined, folder), says)
      // Whoever names a forge does not mean the checkout, and looking changes nothing.
      assert.equal((await meantForgeToChange(one.path, folder)).url, one.path)
      assert.equal((await meantForge(undefined, folder)).url, one.path)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
