import assert from "node:assert/strict"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { suite, type Files, type Suite } from "./fixture.ts"
import { serveRepository, type Way } from "./git-over-loopback.ts"
import { PipelineError } from "./pipeline-error.ts"
import { propagate } from "./propagate.ts"
import { type Reason, reasons } from "./reasons.ts"
import { release } from "./release.ts"

const two = { api: {}, sdk: { api: ">=0.1.0 <1.0.0" } }
const update = "update/sdk/api"

/** A suite whose api has something to release. */
function changed(more: Files = {}): Suite {
  const one = suite(two, more)
  one.change("api", "minor")
  return one
}

/** The manifest of sdk with something else in it. */
function sdkWith(one: Suite, fields: Readonly<Record<string, unknown>>): Files {
  const manifest = JSON.parse(one.git("show", "main:sdk/package.json")) as object
  return { "sdk/package.json": `${JSON.stringify({ ...manifest, ...fields }, undefined, 2)}\n` }
}

/** A step fails for that reason, says what and where and what to do, and changes nothing. */
async function refuses(one: Suite, step: Promise<unknown>, reason: Reason, says: RegExp) {
  const before = one.git("for-each-ref")
  await fails(step, reason, says)
  assert.equal(one.git("for-each-ref"), before)
}

async function fails(step: Promise<unknown>, reason: Reason, says: RegExp): Promise<void> {
  await assert.rejects(step, (error) => {
    assert.ok(error instanceof PipelineError, String(error))
    assert.equal(error.reason, reason, error.message)
    assert.match(error.message, says)
    assert.equal(error.remedy, reasons[reason])
    return true
  })
}

/** Goes on with what stopped, and finds that all of it is there, and once. */
async function goesOn({ forge, git }: Suite): Promise<void> {
  await release({ forge })
  await propagate({ forge })
  assert.deepEqual(await release({ forge }), [])
  assert.deepEqual(
    (await propagate({ forge })).map(({ branch, outcome }) => [branch, outcome]),
    [[update, "unchanged"]],
  )
  assert.equal(git("tag", "--list", "*@0.2.0"), "@nsm/api@0.2.0")
  assert.equal(git("rev-parse", "@nsm/api@0.2.0^{commit}"), git("rev-parse", "main"))
  assert.equal(git("log", "--format=%s", "main").match(/^Release/gm)?.length, 1)
  assert.equal(git("show", "main:api/CHANGELOG.md").match(/^## /gm)?.length, 1)
  assert.equal(git("rev-list", "--count", `main..${update}`), "1")
  assert.deepEqual(
    (await forge.proposals()).map(({ branch }) => branch),
    [update],
  )
}

function hook({ path }: Suite, name: string, lines: string): void {
  const file = join(path, "hooks", name)
  writeFileSync(file, `#!/bin/sh\n${lines}\n`)
  chmodSync(file, 0o755)
}

/** Holds pushes until two have come. */
function meet(one: Suite): void {
  const folder = join(one.path, "pushes")
  mkdirSync(folder)
  const others = `[ "$(ls ${folder} | wc -l)" -ge 2 ]`
  const once = `: > ${folder}/$$; for i in $(seq 400); do ${others} && exit 0; sleep 0.05; done`
  hook(one, "pre-receive", `${once}; echo "nobody else came" >&2; exit 1`)
}

describe("what goes wrong on the way", function () {
  // Each case is some dozens of runs of git.
  this.timeout(60_000)

  it("is a range that no version is in", async () => {
    using one = changed()
    const { forge } = one
    one.commit(sdkWith(one, { dependencies: { "@nsm/api": ">=0.1.0 <0.0.5" } }))
    const says = /sdk\/package\.json: @nsm\/api wants ">=0\.1\.0 <0\.0\.5"/
    await refuses(one, release({ forge }), "RANGE_IMPOSSIBLE", says)
    await refuses(one, propagate({ forge }), "RANGE_IMPOSSIBLE", says)
    one.commit(sdkWith(one, { dependencies: { "@nsm/api": ">=0.1.0 <1.0.0" } }))
    await goesOn(one)
  })

  it("is a package without version", async () => {
    using one = changed()
    const { forge } = one
    one.commit(sdkWith(one, { version: undefined }))
    const says = /sdk\/package\.json has no version/
    await refuses(one, release({ forge }), "VERSION_MISSING", says)
    await refuses(one, propagate({ forge }), "VERSION_MISSING", says)
    one.commit(sdkWith(one, { version: "0.1.0" }))
    await goesOn(one)
  })

  it("is a tag that exists", async () => {
    using one = changed()
    one.git("tag", "@nsm/api@0.2.0", "main")
    await refuses(one, release({ forge: one.forge }), "TAG_TAKEN", /@nsm\/api@0\.2\.0/)
    one.git("tag", "--delete", "@nsm/api@0.2.0")
    await goesOn(one)
  })

  it("is a push that is refused", async () => {
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

  it("is a push of which a part is refused: main is not released without its tags", async () => {
    using one = changed()
    hook(one, "update", 'case "$1" in refs/tags/*) echo "no tags" >&2; exit 1;; esac')
    await refuses(one, release({ forge: one.forge }), "PUSH_REFUSED", /no tags/)
    hook(one, "update", "exit 0")
    await goesOn(one)
  })

  it("is two releases at once: one wins, the other one says so", async () => {
    using one = changed()
    const { forge } = one
    meet(one)
    const both = await Promise.allSettled([release({ forge }), release({ forge })])
    const lost = both.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
    assert.equal(lost.length, 1)
    await fails(Promise.reject(lost[0] as Error), "BRANCH_MOVED", /git push[^]*main/)
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })

  it("is two that open the same update at once", async () => {
    using one = changed()
    const { forge } = one
    await release({ forge })
    meet(one)
    const both = await Promise.allSettled([propagate({ forge }), propagate({ forge })])
    const lost = both.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
    for (const reason of lost) await fails(Promise.reject(reason as Error), "BRANCH_MOVED", /push/)
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })

  /** What a release has to say and to hear, without any cut. */
  const whole = async (): Promise<Readonly<Record<Way, number>>> => {
    using one = changed()
    await using network = await serveRepository(one.path)
    await release({ forge: { ...one.forge, url: network.url } })
    return network.bytes
  }

  it("is a network that is gone half-way, wherever that is", async () => {
    const bytes = await whole()
    const cuts = [
      ["sent", 0, "git clone"],
      ["sent", 0.4, "git clone"],
      ["received", 0.6, "git push"],
      ["received", 0.95, "git push"],
      // By then the release has been made, and nobody has heard of it.
      ["sent", 0.99, "git push"],
    ] as const
    for (const [way, part, during] of cuts) {
      using one = changed()
      await using network = await serveRepository(one.path)
      network.cut(way, Math.floor(bytes[way] * part))
      const forge = { ...one.forge, url: network.url }
      const says = new RegExp(`${during}[^]*(git://127|origin)`)
      await fails(release({ forge }), "FORGE_UNREACHABLE", says)
      network.mend()
      await goesOn({ ...one, forge })
    }
  })

  it("is a network that is not there", async () => {
    using one = changed()
    const network = await serveRepository(one.path)
    await network[Symbol.asyncDispose]()
    const forge = { ...one.forge, url: network.url }
    await refuses(one, release({ forge }), "FORGE_UNREACHABLE", /Connection refused/)
  })
})
