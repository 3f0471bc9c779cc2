import assert from "node:assert/strict"
import { suite, type Suite } from "./fixture.ts"
import { release } from "./release.ts"

const packages = { api: {}, sdk: { api: "0.1.0" } }

function show({ git }: Suite, file: string): string {
  return git("show", `main:${file}`)
}

describe("a release", function () {
  // Each case is some dozens of runs of git.
  this.timeout(60_000)

  it("makes version, changelog, lock file and tag of what has a release note, and of nothing else", async () => {
    using one = suite(packages)
    one.change("api", "minor", "Requests have a colour.")
    assert.deepEqual(await release({ forge: one.forge }), [{ name: "@nsm/api", version: "0.2.0" }])
    assert.match(show(one, "api/CHANGELOG.md"), /## 0\.2\.0\n\n### Minor[^]*have a colour/)
    assert.match(show(one, "package-lock.json"), /"name": "@nsm\/api",\s+"version": "0\.2\.0"/)
    assert.match(show(one, "sdk/package.json"), /"version": "0\.1\.0"[^]*"@nsm\/api": "0\.1\.0"/)
    assert.equal(one.git("rev-parse", "@nsm/api@0.2.0^{commit}"), one.git("rev-parse", "main"))
    assert.equal(one.git("tag", "--list", "*@0.2.*"), "@nsm/api@0.2.0")
    assert.equal(one.git("log", "-1", "--format=%s", "main"), "Release @nsm/api@0.2.0")
    assert.equal(one.git("ls-tree", "--name-only", "main", ".changeset/"), ".changeset/config.json")
  })

  it("does nothing where nothing is to be released", async () => {
    using one = suite(packages)
    const before = one.git("rev-parse", "main")
    assert.deepEqual(await release({ forge: one.forge }), [])
    assert.equal(one.git("rev-parse", "main"), before)
  })

  it("makes the tag that an earlier run did not come to", async () => {
    using one = suite(packages)
    one.git("tag", "--delete", "@nsm/sdk@0.1.0")
    assert.deepEqual(await release({ forge: one.forge }), [{ name: "@nsm/sdk", version: "0.1.0" }])
    assert.deepEqual(await release({ forge: one.forge }), [])
  })

  it("tags what was never released as it was, beside what its release note makes of it", async () => {
    using one = suite(packages)
    one.git("tag", "--delete", "@nsm/api@0.1.0", "@nsm/sdk@0.1.0")
    one.change("api", "minor")
    const before = one.git("rev-parse", "main")
    assert.deepEqual(await release({ forge: one.forge }), [
      { name: "@nsm/api", version: "0.1.0" },
      { name: "@nsm/sdk", version: "0.1.0" },
      { name: "@nsm/api", version: "0.2.0" },
    ])
    const commits = ["api@0.1.0", "sdk@0.1.0", "api@0.2.0"].map((name) =>
      one.git("rev-parse", `@nsm/${name}^{commit}`),
    )
    assert.deepEqual(commits, [before, before, one.git("rev-parse", "main")])
  })

  it("refuses a tag that exists, and leaves everything as it was", async () => {
    using one = suite(packages)
    one.change("api", "minor")
    one.git("tag", "@nsm/api@0.2.0", "main")
    const before = one.git("for-each-ref")
    await assert.rejects(release({ forge: one.forge }), /TAG_TAKEN: @nsm\/api@0\.2\.0/)
    assert.equal(one.git("for-each-ref"), before)
  })

  it("lets one of two that race win, and the other one begin anew", async () => {
    using one = suite(packages)
    one.change("api", "minor")
    const both = await Promise.allSettled([1, 2].map(() => release({ forge: one.forge })))
    const [lost] = both.filter((result) => result.status === "rejected")
    // One may have been done before the other one looked.
    if (lost) assert.match(String(lost.reason), /BRANCH_MOVED|PUSH_REFUSED/)
    assert.equal(one.git("log", "--format=%s", "main").match(/Release/g)?.length, 1)
    assert.deepEqual(await release({ forge: one.forge }), [])
  })

  it("says what is wrong with a release note", async () => {
    using one = suite(packages)
    one.change("nowhere", "minor")
    await assert.rejects(release({ forge: one.forge }), /VERSIONING_FAILED: [^]*nowhere/)
  })
})
