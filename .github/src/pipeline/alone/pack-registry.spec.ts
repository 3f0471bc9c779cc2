import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packRegistry } from "./pack-registry.ts"

describe("the registry of packs", () => {
  it("has the given versions, and another address for other packs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nsm-registry-"))
    try {
      const packs = ["1.0.0", "2.0.0"].map((version) => {
        const file = join(folder, `${version}.tgz`)
        writeFileSync(file, `packed ${version}`)
        return { manifest: { name: "@nsm/api", version }, file }
      })
      await using both = await packRegistry(packs)
      const answer = await fetch(`${both.url}@nsm%2fapi`)
      const { versions } = (await answer.json()) as {
        versions: Readonly<Record<string, { dist: { tarball: string } }>>
      }
      assert.deepEqual(Object.keys(versions), ["1.0.0", "2.0.0"])
      const tarball = await fetch(versions["2.0.0"]?.dist.tarball ?? "")
      assert.equal(await tarball.text(), "packed 2.0.0")
      assert.equal((await fetch(`${both.url}@nsm%2fsdk`)).status, 404)
      await using one = await packRegistry(packs.slice(1))
      assert.notEqual(new URL(one.url).pathname, new URL(both.url).pathname)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
