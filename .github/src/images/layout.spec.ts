import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Layout } from "./layout.ts"

describe("Layout", () => {
  let folder: string
  let umask: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nsm-layout-"))
    umask = process.umask(0o077)
  })
  afterEach(async () => {
    process.umask(umask)
    await rm(folder, { recursive: true })
  })

  const mode = async (path: string): Promise<string> => {
    return ((await stat(join(folder, "out", path))).mode & 0o7777).toString(8)
  }

  it("gives files and folders the same modes, whoever lays them out", async () => {
    const layout = new Layout(join(folder, "out"))
    await writeFile(join(folder, "private"), "text", { mode: 0o600 })
    await layout.copy(join(folder, "private"), "usr/share/a")
    await layout.copy(join(folder, "private"), "usr/bin/b", 0o755)
    await layout.write("etc/c", "c\n")
    await layout.makeFolder("tmp", 0o1777)
    assert.equal(await readFile(join(folder, "out/usr/share/a"), "utf8"), "text")
    const modes = { "usr/share/a": "644", "usr/bin/b": "755", "etc/c": "644", tmp: "1777" }
    for (const [path, wanted] of Object.entries({ ...modes, usr: "755", "usr/share": "755" })) {
      assert.equal(await mode(path), wanted, path)
    }
    assert.equal(await mode("."), "755")
  })
})
