import assert from "node:assert/strict"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inSuite } from "../in-suite.ts"
import { readWorkspaces } from "../workspaces.ts"
import { lockManifest } from "./lock-file.ts"

const lockFile = "package-lock.json"

inSuite("the lock file", (root) => {
  it("is written as npm writes it, with what the manifests say now", () => {
    const folder = mkdtempSync(join(tmpdir(), "nsm-lock-"))
    try {
      cpSync(join(root, lockFile), join(folder, lockFile))
      for (const { folder: name, path } of readWorkspaces(root)) {
        mkdirSync(join(folder, name))
        cpSync(join(path, "package.json"), join(folder, name, "package.json"))
        lockManifest(folder, name)
      }
      const before = readFileSync(join(root, lockFile), "utf8")
      assert.equal(readFileSync(join(folder, lockFile), "utf8"), before)

      const manifest = readFileSync(join(folder, "sdk/package.json"), "utf8")
      const moved = manifest.replace(/"@nsm\/api": "[^"]+"/, '"@nsm/api": "7.7.7"')
      writeFileSync(join(folder, "sdk/package.json"), moved)
      lockManifest(folder, "sdk")
      const after = readFileSync(join(folder, lockFile), "utf8").split("\n")
      const changed = after.filter((line, index) => line !== before.split("\n")[index])
      assert.deepEqual(
        changed.map((line) => line.trim()),
        ['"@nsm/api": "7.7.7",'],
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("is not missed where there is none", () => {
    lockManifest(join(root, "docs"), "sdk")
  })
})
