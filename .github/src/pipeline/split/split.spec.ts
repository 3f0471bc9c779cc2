import assert from "node:assert/strict"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { npm } from "../alone/npm.ts"
import type { LockFile } from "../lock-file.ts"
import { commitIn, gitIn, outward, workplace, type Workplace } from "./fixture.ts"
import { join as joinBack } from "./join.ts"
import { split, type Split } from "./split.ts"

const splitInto = (
  { root, beside }: Workplace,
  name: string,
  options: { folder?: string; packs?: string; suite?: string } = {},
): Promise<Split> => split({ root, folder: "sdk", into: beside(name), ...options })

const lockOf = (into: string): LockFile =>
  JSON.parse(readFileSync(join(into, "package-lock.json"), "utf8")) as LockFile

describe("a folder that is split off", function () {
  this.timeout(60_000)

  it("is a repository with its history, and one commit that makes it work alone", async () => {
    using place = workplace()
    const { into, commits, head, from, files } = await splitInto(place, "sdk")
    assert.equal(commits, 1)
    assert.equal(gitIn(into, "status", "--porcelain"), "")
    assert.equal(gitIn(into, "branch", "--show-current"), "main")
    assert.equal(gitIn(into, "rev-list", "--count", "main"), "2")
    assert.equal(gitIn(into, "rev-parse", "HEAD"), head)
    assert.deepEqual(files, [
      ".github/workflows/ci.yaml",
      ".gitignore",
      ".npmrc",
      "LICENSE",
      "package-lock.json",
      "tsconfig.json",
    ])
    assert.match(
      gitIn(into, "log", "-1", "--format=%an %aI%n%B"),
      new RegExp(
        `^A 2023-11-14T22:13:20\\+00:00\nMake sdk work alone\n[^]*\nSplit-From: ${from}\nSplit-Folder: sdk$`,
      ),
    )
    // Nothing of it lies in the suite's repository any more.
    assert.equal(existsSync(join(into, ".git/objects/info/alternates")), false)
    gitIn(into, "fsck", "--strict")
  })

  it("has as much history as a checkout that was cut off, such as that of CI, and gives back", async () => {
    using place = workplace()
    commitIn(place.root, { "api/src/index.ts": "export const a = 1\n" }, "Begin")
    const root = place.beside("shallow")
    gitIn(place.root, "clone", "--quiet", "--depth=1", `file://${place.root}`, root)
    const { into, commits } = await split({ root, folder: "api", into: place.beside("api") })
    assert.equal(commits, 1)
    assert.equal(gitIn(into, "rev-parse", "--is-shallow-repository"), "false")
    gitIn(into, "fsck", "--strict")
    commitIn(into, { "src/index.ts": "export const a = 2\n" }, "Go on")
    const joined = await joinBack({ root, folder: "api", from: into })
    assert.deepEqual(
      joined.commits.map(({ outcome }) => outcome),
      ["joined"],
    )
  })

  it("has no neighbours, and a workflow of its own", async () => {
    using place = workplace(outward)
    const { into } = await splitInto(place, "sdk")
    const read = (file: string): string => readFileSync(join(into, file), "utf8")
    assert.deepEqual(JSON.parse(read("tsconfig.json")), {
      extends: "x/tsconfig.json",
      references: [],
    })
    assert.match(
      read(".github/workflows/ci.yaml"),
      /- run: npm ci\n +shell: bash\n +- run: npm test\n$/,
    )
    assert.equal(read(".gitignore"), "node_modules/\ndist/\n")
    assert.equal(read(".npmrc"), "save-exact=true\n")
    assert.match(read("README.md"), /See the tour \(`docs\/tour\.md` of the suite\) and \[what/)
    const suite = "https://example.org/suite"
    const { into: onWeb } = await splitInto(place, "web", { suite })
    assert.match(
      readFileSync(join(onWeb, "README.md"), "utf8"),
      /\[the tour\]\(https:\/\/example\.org\/suite\/blob\/main\/docs\/tour\.md\)/,
    )
  })

  it("gets released packages of the suite from a registry", async () => {
    using place = workplace()
    place.suite.released({ api: "0.2.0" })
    gitIn(place.root, "pull", "--quiet")
    const { into } = await splitInto(place, "sdk")
    assert.deepEqual(lockOf(into).packages["node_modules/@nsm/api"], {
      version: "0.1.0",
      dependencies: {},
    })
  })

  it("gets them from tarballs in the repository, and is installed without a network", async () => {
    using place = workplace({ "api/index.js": "export const api = 1\n" })
    commitIn(place.root, { "api/index.js": "export const api = 2\n" }, "Newer than released")
    const { into, files } = await splitInto(place, "sdk", { packs: "packs" })
    assert.ok(files.includes("packs/nsm-api-0.1.0.tgz"))
    const { resolved, integrity } = lockOf(into).packages["node_modules/@nsm/api"] ?? {}
    assert.equal(resolved, "file:packs/nsm-api-0.1.0.tgz")
    assert.match(integrity ?? "", /^sha512-/)
    // Elsewhere it is as good.
    const elsewhere = place.beside("elsewhere")
    gitIn(place.root, "clone", "--quiet", into, elsewhere)
    await npm(["ci", "--offline", "--no-audit"], { cwd: elsewhere })
    const installed = join(elsewhere, "node_modules/@nsm/api/index.js")
    assert.equal(readFileSync(installed, "utf8"), "export const api = 1\n")
  })

  it("is the same repository each time, with nobody's settings in it", async () => {
    using place = workplace()
    const one = await splitInto(place, "one")
    mkdirSync(place.beside("two"))
    const two = await splitInto(place, "two")
    assert.equal(one.head, two.head)
  })

  it("is refused where it would lose something, and leaves nothing behind", async () => {
    using place = workplace()
    const { root, beside } = place
    const refused = (reason: RegExp, options = {}) =>
      assert.rejects(splitInto(place, "into", options), reason)
    await refused(/^PipelineError: PACKAGE_UNKNOWN: there is no package nobody/, {
      folder: "nobody",
    })
    mkdirSync(beside("into"))
    writeFileSync(beside("into/mine"), "")
    await refused(/^PipelineError: TARGET_TAKEN: .*into has mine$/)
    assert.deepEqual(readdirSync(beside("into")), ["mine"])
    gitIn(root, "tag", "--delete", "@nsm/api@0.1.0")
    await assert.rejects(splitInto(place, "unreleased"), /RELEASE_MISSING: @nsm\/api@0\.1\.0/)
    const signal = AbortSignal.abort()
    const ended = split({ root, folder: "api", into: beside("ended"), signal })
    await assert.rejects(ended, /^PipelineError: INTERRUPTED: /)
    writeFileSync(join(root, "sdk/CHANGELOG.md"), "unsaved")
    await assert.rejects(
      splitInto(place, "dirty"),
      /^PipelineError: TREE_DIRTY: .*: sdk\/CHANGELOG\.md: not committed$/,
    )
    assert.deepEqual(readdirSync(beside(".")).toSorted(), ["into", "suite"])
  })
})
