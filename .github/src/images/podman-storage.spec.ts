import assert from "node:assert/strict"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PodmanStorage } from "./podman-storage.ts"

describe("PodmanStorage", () => {
  it("says that there is no podman, and leaves nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nsm-no-podman-"))
    const { PATH, TMPDIR } = process.env
    Object.assign(process.env, { PATH: folder, TMPDIR: folder })
    try {
      await assert.rejects(PodmanStorage.open(), { reason: "COMMAND_MISSING" })
      assert.deepEqual(await readdir(folder), [])
    } finally {
      process.env["PATH"] = PATH
      if (TMPDIR === undefined) delete process.env["TMPDIR"]
      else process.env["TMPDIR"] = TMPDIR
      await rm(folder, { recursive: true })
    }
  })
})
