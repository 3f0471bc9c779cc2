import assert from "node:assert/strict"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { suite, type Suite } from "./fixture.ts"
import { propagate } from "./propagate.ts"

const packages = {
  api: {},
  sdk: { api: "^0.1.0" },
  "sdk-kernel": { api: "0.1.0", sdk: "0.1.0" },
  "cmd-a": { sdk: "0.1.0", "sdk-kernel": "0.1.0" },
}

const outcomes = async (one: Suite) =>
  Object.fromEntries(
    (await propagate({ forge: one.forge })).map(({ branch, outcome }) => [branch, outcome]),
  )

const branches = ({ git }: Suite) =>
  git("for-each-ref", "--format=%(refname:short)", "refs/heads/update/").split("\n").filter(Boolean)

describe("propagation", function () {
  // Each case is some dozens of runs of git.
  this.timeout(60_000)

  it("opens a proposal with range, lock file, release note and what the upstream says", async () => {
    using one = suite({ api: {}, sdk: { api: "^0.1.0" } })
    one.released({ api: "0.2.0" })
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "opened" })
    const changed = one.git("diff", "--name-only", "main", "update/sdk/api")
    assert.deepEqual(changed.split("\n"), [
      ".changeset/update-sdk-api.md",
      "package-lock.json",
      "sdk/package.json",
    ])
    assert.match(one.git("show", "update/sdk/api:sdk/package.json"), /"@nsm\/api": "\^0\.2\.0"/)
    const note = one.git("show", "update/sdk/api:.changeset/update-sdk-api.md")
    assert.match(note, /^---\n"@nsm\/sdk": minor\n---\n\nIs built on `@nsm\/api@0\.2\.0`\.$/)
    const lock = JSON.parse(one.git("show", "update/sdk/api:package-lock.json")) as object
    assert.match(JSON.stringify(lock), /"sdk":\{[^}]*"dependencies":\{"@nsm\/api":"\^0\.2\.0"/)
    const [proposal] = await one.forge.proposals()
    assert.equal(proposal?.title, "Update @nsm/api to 0.2.0 in sdk")
    assert.match(proposal?.text ?? "", /What api has in 0\.2\.0\./)
  })

  it("makes no branch where nothing is to be changed", async () => {
    using one = suite(packages)
    assert.deepEqual(await outcomes(one), {})
    assert.deepEqual(branches(one), [])
  })

  it("passes by what was tagged before a release, which no range of the suite can name", async () => {
    using one = suite({ api: {}, sdk: { api: "^0.1.0" } })
    one.released({ api: "0.2.0" })
    one.git("tag", "@nsm/api@0.3.0-rc.1", "main")
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "opened" })
    assert.match(one.git("show", "update/sdk/api:sdk/package.json"), /"@nsm\/api": "\^0\.2\.0"/)
  })

  it("makes the same once, however often it runs", async () => {
    using one = suite(packages)
    one.released({ api: "0.2.0" })
    await outcomes(one)
    const before = one.git("for-each-ref")
    assert.deepEqual(await outcomes(one), {
      "update/sdk/api": "unchanged",
      "update/sdk-kernel/api": "held",
    })
    assert.equal(one.git("for-each-ref"), before)
  })

  it("replaces an update by that of a newer release", async () => {
    using one = suite(packages)
    one.released({ api: "0.2.0" })
    await outcomes(one)
    one.released({ api: "0.2.1" })
    assert.equal((await outcomes(one))["update/sdk/api"], "renewed")
    assert.deepEqual(branches(one), ["update/sdk/api"])
    assert.match(one.git("show", "update/sdk/api:sdk/package.json"), /"@nsm\/api": "\^0\.2\.1"/)
    const [proposal] = await one.forge.proposals()
    assert.equal(proposal?.title, "Update @nsm/api to 0.2.1 in sdk")
    assert.equal(one.git("rev-list", "--count", "main..update/sdk/api"), "1")
  })

  it("lets a package wait for those in between", async () => {
    using one = suite(packages)
    one.released({ api: "0.2.0" })
    const all = await propagate({ forge: one.forge })
    const held = all.find(({ outcome }) => outcome === "held")
    assert.deepEqual([held?.branch, held?.why], ["update/sdk-kernel/api", "@nsm/sdk comes first"])
    assert.deepEqual(branches(one), ["update/sdk/api"])
  })

  it("keeps one open whose upstream moves again, with what it replaces when that has moved", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" }, "cmd-a": { sdk: "0.1.0" } })
    one.released({ sdk: "0.1.1" })
    await outcomes(one)
    const before = one.git("rev-parse", "update/cmd-a/sdk")
    one.released({ api: "0.2.0" })
    assert.equal((await outcomes(one))["update/cmd-a/sdk"], "held")
    assert.equal(one.git("rev-parse", "update/cmd-a/sdk"), before)
    const manifest = one.git("show", "update/sdk/api:sdk/package.json")
    one.commit({ "sdk/package.json": manifest.replace("0.1.1", "0.2.0") }, "main", [
      "@nsm/sdk@0.2.0",
    ])
    assert.equal((await outcomes(one))["update/cmd-a/sdk"], "renewed")
    const trailer = "--format=%(trailers:key=Replaces,valueonly)"
    const said = one.git("log", "-1", trailer, "update/cmd-a/sdk").trim()
    assert.equal(said, `${before} @nsm/sdk@0.1.1`)
  })

  it("opens one for each of several upstreams that know nothing of each other", async () => {
    const two = { "sdk-a": {}, "sdk-b": {}, "cmd-a": { "sdk-a": "0.1.0", "sdk-b": "0.1.0" } }
    using one = suite(two)
    one.released({ "sdk-a": "0.1.1", "sdk-b": "0.2.0" })
    assert.deepEqual(await outcomes(one), {
      "update/cmd-a/sdk-a": "opened",
      "update/cmd-a/sdk-b": "opened",
    })
    const note = one.git("show", "update/cmd-a/sdk-a:.changeset/update-cmd-a-sdk-a.md")
    assert.match(note, /"@nsm\/cmd-a": patch/)
  })

  it("withdraws what main has already", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    await outcomes(one)
    const manifest = one.git("show", "update/sdk/api:sdk/package.json")
    one.commit({ "sdk/package.json": manifest })
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "withdrawn" })
    assert.deepEqual(branches(one), [])
    assert.deepEqual(await one.forge.proposals(), [])
  })

  it("opens the proposal of a branch that an earlier run has only pushed", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    const lost = { ...one.forge, propose: async () => Promise.reject(new Error("no network")) }
    await assert.rejects(propagate({ forge: lost }), /no network/)
    const commit = one.git("rev-parse", "update/sdk/api")
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "opened" })
    assert.equal(one.git("rev-parse", "update/sdk/api"), commit)
  })

  it("leaves alone what a person has committed", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    await outcomes(one)
    const own = one.commit({ "sdk/src/index.ts": "adapted\n" }, "update/sdk/api")
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "unchanged" })
    one.released({ api: "0.2.1" })
    const [result] = await propagate({ forge: one.forge })
    assert.match(result?.why ?? "", /somebody else has committed/)
    assert.equal(one.git("rev-parse", "update/sdk/api"), own)
  })

  it("withdraws nothing that a person has committed, and says that it is there", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    await outcomes(one)
    const manifest = one.git("show", "update/sdk/api:sdk/package.json")
    const own = one.commit({ "sdk/src/index.ts": "adapted\n" }, "update/sdk/api")
    one.commit({ "sdk/package.json": manifest })
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "held" })
    assert.equal(one.git("rev-parse", "update/sdk/api"), own)
    assert.match((await one.forge.proposals())[0]?.waits ?? "", /somebody else has committed/)
  })

  it("says so when somebody else pushes meanwhile, and overwrites nothing", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    let theirs = ""
    const racing = {
      ...one.forge,
      // Between cloning and pushing.
      async proposals() {
        theirs = one.commit({ "sdk/theirs.txt": "theirs\n" }, "update/sdk/api")
        return one.forge.proposals()
      },
    }
    await assert.rejects(propagate({ forge: racing }), /BRANCH_MOVED/)
    assert.equal(one.git("rev-parse", "update/sdk/api"), theirs)
  })

  it("says so when a push is refused, and goes on when it is not any more", async () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.released({ api: "0.2.0" })
    const hook = join(one.path, "hooks/pre-receive")
    writeFileSync(hook, "#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    chmodSync(hook, 0o755)
    await assert.rejects(propagate({ forge: one.forge }), /PUSH_REFUSED: [^]*not today/)
    writeFileSync(hook, "#!/bin/sh\nexit 0\n")
    assert.deepEqual(await outcomes(one), { "update/sdk/api": "opened" })
  })

  it("says so when the forge is not there", async () => {
    using one = suite({ api: {} })
    const gone = { ...one.forge, url: join(one.path, "../gone.git") }
    await assert.rejects(propagate({ forge: gone }), /FORGE_UNREACHABLE|GIT_FAILED/)
  })

  it("has no release note where only the tooling is newer", async () => {
    using one = suite({ api: {}, sdk: {} })
    const manifest = JSON.parse(one.git("show", "main:sdk/package.json")) as object
    const tooling = { name: "@nsm/dot-github", version: "0.2.0", type: "module" }
    const devDependencies = { "@nsm/dot-github": "0.1.0" }
    const files = {
      "package.json": JSON.stringify({ private: true, workspaces: [".github", "api", "sdk"] }),
      ".github/package.json": JSON.stringify(tooling),
      "sdk/package.json": JSON.stringify({ ...manifest, devDependencies }),
    }
    one.commit(files, "main", ["@nsm/dot-github@0.2.0"])
    assert.deepEqual(await outcomes(one), { "update/sdk/dot-github": "opened" })
    const changed = one.git("diff", "--name-only", "main", "update/sdk/dot-github")
    assert.equal(changed, "package-lock.json\nsdk/package.json")
  })
})
