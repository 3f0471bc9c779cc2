import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { git } from "../pipeline/git.ts"
import { revisionOf, sourceOf } from "./source.ts"

describe("sourceOf", () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nsm-source-"))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function commit(): Promise<void> {
    const date = { GIT_AUTHOR_DATE: "1000000000 +0200", GIT_COMMITTER_DATE: "1000000000 +0200" }
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    await writeFile(join(folder, "a"), "a")
    await git(folder, ["init", "--quiet"])
    await git(folder, ["add", "a"])
    await git(folder, [...author, "commit", "--quiet", "--message", "a"], { env: date })
  }

  it("is the commit, with its time and whether files differ", async () => {
    await commit()
    const head = await git(folder, ["rev-parse", "HEAD"])
    const clean = await sourceOf(folder, {})
    assert.deepEqual(clean, { commit: head, isChanged: false, seconds: 1_000_000_000 })
    await writeFile(join(folder, "a"), "b")
    assert.equal(revisionOf(await sourceOf(folder, {})), `${head}-dirty`)
  })

  it("has the time that SOURCE_DATE_EPOCH says", async () => {
    await commit()
    assert.equal((await sourceOf(folder, { SOURCE_DATE_EPOCH: "5" })).seconds, 5)
  })

  it("says where the repository is on the web, and nothing of folders and passwords", async () => {
    await commit()
    const urls = {
      "https://me:secret@example.org/a/b.git": "https://example.org/a/b",
      "git@example.org:a/b.git": "https://example.org/a/b",
      "ssh://git@example.org/a/b": "https://example.org/a/b",
      "/srv/a.git": undefined,
    }
    await git(folder, ["remote", "add", "origin", "x"])
    for (const [remote, url] of Object.entries(urls)) {
      await git(folder, ["remote", "set-url", "origin", remote])
      assert.equal((await sourceOf(folder, {})).url, url, remote)
    }
  })

  it("goes without a repository", async () => {
    const source = await sourceOf(folder, { GIT_CEILING_DIRECTORIES: tmpdir() })
    assert.deepEqual(source, { isChanged: false, seconds: 0 })
    assert.equal(revisionOf(source), undefined)
  })
})
