import { type Files, type Suite } from "./fixture.ts"
import { changed, goesOn, hook, refuses } from "./going-on.ts"
import { propagate } from "./propagate.ts"
import { release } from "./release.ts"

/** The manifest of sdk with something else in it. */
function sdkWith(one: Suite, fields: Readonly<Record<string, unknown>>): Files {
  const manifest = JSON.parse(one.git("show", "main:sdk/package.json")) as object
  return { "sdk/package.json": `${JSON.stringify({ ...manifest, ...fields }, undefined, 2)}\n` }
}

describe("a step that comes upon something bad", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  it("says so of a range that no version is in", async () => {
    using one = changed()
    const { forge } = one
    one.commit(sdkWith(one, { dependencies: { "@nsm/api": ">=0.1.0 <0.0.5" } }))
    const says = /sdk\/package\.json: @nsm\/api wants ">=0\.1\.0 <0\.0\.5"/
    await refuses(one, release({ forge }), "RANGE_IMPOSSIBLE", says)
    await refuses(one, propagate({ forge }), "RANGE_IMPOSSIBLE", says)
    one.commit(sdkWith(one, { dependencies: { "@nsm/api": ">=0.1.0 <1.0.0" } }))
    await goesOn(one)
  })

  it("says so of a package without version", async () => {
    using one = changed()
    const { forge } = one
    one.commit(sdkWith(one, { version: undefined }))
    const says = /sdk\/package\.json has no version/
    await refuses(one, release({ forge }), "VERSION_MISSING", says)
    await refuses(one, propagate({ forge }), "VERSION_MISSING", says)
    one.commit(sdkWith(one, { version: "0.1.0" }))
    await goesOn(one)
  })

  it("says so of a manifest that is no JSON", async () => {
    using one = changed()
    const { forge } = one
    const good = one.git("show", "main:sdk/package.json")
    one.commit({ "sdk/package.json": good.slice(0, -1) })
    const says = /: sdk\/package\.json is no JSON: \S/
    await refuses(one, release({ forge }), "MANIFEST_UNREADABLE", says)
    await refuses(one, propagate({ forge }), "MANIFEST_UNREADABLE", says)
    one.commit({ "sdk/package.json": `${good}\n` })
    await goesOn(one)
  })

  it("says so of a tag that exists", async () => {
    using one = changed()
    one.git("tag", "@nsm/api@0.2.0", "main")
    await refuses(one, release({ forge: one.forge }), "TAG_TAKEN", /@nsm\/api@0\.2\.0/)
    one.git("tag", "--delete", "@nsm/api@0.2.0")
    await goesOn(one)
  })

  it("says so of a push that is refused", async () => {
    using one = changed()
    const { forge } = one
    hook(one, "pre-receive", "echo 'main is protected' >&2; exit 1")
    await refuses(one, release({ forge }), "PUSH_REFUSED", /git push[^]*main is protected/)
    hook(one, "pre-receive", "exit 0")
    await release({ forge })
    hook(one, "pre-receive", "exit 1")
    await refuses(one, propagate({ forge }), "PUSH_REFUSED", /git push[^]*declined/)
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })

  it("releases nothing at all where a part of a push is refused", async () => {
    using one = changed()
    hook(one, "update", 'case "$1" in refs/tags/*) echo "no tags" >&2; exit 1;; esac')
    await refuses(one, release({ forge: one.forge }), "PUSH_REFUSED", /no tags/)
    hook(one, "update", "exit 0")
    await goesOn(one)
  })
})
