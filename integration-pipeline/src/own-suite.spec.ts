import assert from "node:assert/strict"
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { git } from "@nsm/dot-github"
import { ownSuite } from "./own-suite.ts"

describe("the suite in a repository of its own", () => {
  let folder: string
  const inside = (...args: readonly string[]): Promise<string> => git(folder, args)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nsm-own-suite-spec-"))
    await inside("init", "--quiet", "--initial-branch=main")
    await inside("config", "user.name", "Test")
    await inside("config", "user.email", "test@example.org")
  })
  afterEach(() => rm(folder, { recursive: true }))

  it("has every package released as it is, and what was released before", async () => {
    await mkdir(join(folder, "api"))
    const manifests = { "package.json": { workspaces: ["api"] }, "api/package.json": api }
    for (const [file, manifest] of Object.entries(manifests)) {
      await writeFile(join(folder, file), JSON.stringify(manifest))
    }
    await inside("add", "--all")
    await inside("commit", "--quiet", "-m", "Begin")
    for (const version of ["0.0.9", "0.1.0"]) await inside("tag", `@nsm/api@${version}`)
    const before = await inside("rev-parse", "HEAD")
    await inside("commit", "--quiet", "--allow-empty", "-m", "Go on")
    await using suite = await ownSuite(folder)
    assert.deepEqual(suite.folders, ["api"])
    const told = await git(folder, ["ls-remote", "--tags", suite.forge.url])
    const expected = [
      `${before}\trefs/tags/@nsm/api@0.0.9`,
      `${await inside("rev-parse", "HEAD")}\trefs/tags/@nsm/api@0.1.0`,
    ]
    assert.deepEqual(told.split("\n"), expected)
  })
})

const api = { name: "@nsm/api", version: "0.1.0" }
