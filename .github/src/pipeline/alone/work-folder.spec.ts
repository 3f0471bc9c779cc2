import assert from "node:assert/strict"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { workFolder } from "./work-folder.ts"

describe("the folder in which packages are built", () => {
  it("can be read by those as whom tests run programs, and goes", async () => {
    const place = await workFolder()
    assert.equal(statSync(place.folder).mode & 0o777, 0o755)
    await place[Symbol.asyncDispose]()
    assert.ok(!existsSync(place.folder))
  })

  it("stays where it was given, as it was", async () => {
    const given = mkdtempSync(join(tmpdir(), "nsm-work-folder-spec-"))
    try {
      await (await workFolder(given))[Symbol.asyncDispose]()
      assert.equal(statSync(given).mode & 0o777, 0o700)
    } finally {
      rmSync(given, { recursive: true })
    }
  })
})
