import assert from "node:assert/strict"
import { found, manifestOf, suite, type Suite } from "./fixture.ts"
import { merge } from "./merge.ts"
import { PipelineError } from "./pipeline-error.ts"
import { propagate } from "./propagate.ts"

const one = { api: {}, sdk: { api: "0.1.0" } }
const two = { "sdk-a": {}, "sdk-b": {}, "cmd-a": { "sdk-a": "0.1.0", "sdk-b": "0.1.0" } }
const wide = { api: {}, "sdk-a": { api: "0.1.0" }, "sdk-b": { api: "0.1.0" } }

async function released(suite: Suite, ...folders: readonly string[]): Promise<Suite> {
  suite.released(Object.fromEntries(folders.map((folder) => [folder, "0.2.0"])))
  await propagate({ forge: suite.forge })
  return suite
}

async function judge({ forge }: Suite, verdict: "green" | "red"): Promise<void> {
  for (const { commit } of await forge.proposals()) await forge.judge(commit, found(verdict))
}

const merged = async ({ forge }: Pick<Suite, "forge">) =>
  (await merge({ forge })).map(({ branch, outcome, why }) =>
    [branch, outcome, why ?? ""].join(": "),
  )

/** What main may get beside an update of sdk, in the lines that it changes. */
const conflicting = {
  "sdk/package.json": `${JSON.stringify(
    { ...manifestOf("sdk", {}), dependencies: { "@nsm/api": "0.1.0", other: "1.0.0" } },
    undefined,
    2,
  )}\n`,
}

describe("merging", function () {
  // Each case is some dozens of runs of git.
  this.timeout(60_000)

  it("takes an update whose checks are green, and removes its branch", async () => {
    using green = await released(suite(one), "api")
    await judge(green, "green")
    assert.deepEqual(await merged(green), ["update/sdk/api: merged: "])
    assert.match(green.git("show", "main:sdk/package.json"), /"@nsm\/api": "0\.2\.0"/)
    assert.equal(green.git("branch", "--list", "update/*"), "")
    assert.deepEqual(await green.forge.proposals(), [])
    assert.deepEqual(await merged(green), [])
  })

  it("waits for checks, and says for which", async () => {
    using waiting = await released(suite(one), "api")
    const main = waiting.git("rev-parse", "main")
    assert.deepEqual(await merged(waiting), ["update/sdk/api: waits: no checks have run"])
    const running = { ...waiting.forge, verdict: async () => "running" as const }
    assert.deepEqual(await merged({ forge: running }), [
      "update/sdk/api: waits: its checks are running",
    ])
    await judge(waiting, "red")
    assert.deepEqual(await merged(waiting), ["update/sdk/api: waits: its checks are red"])
    assert.equal(waiting.git("rev-parse", "main"), main)
  })

  it("waits for a person where more than manifest, lock file and release note has changed", async () => {
    using adapted = await released(suite(one), "api")
    adapted.commit({ "sdk/src/index.ts": "adapted\n" }, "update/sdk/api")
    await judge(adapted, "green")
    const why = "it changes sdk/src/index.ts"
    assert.deepEqual(await merged(adapted), [`update/sdk/api: waits: ${why}`])
    assert.deepEqual(
      (await adapted.forge.proposals()).map(({ waits }) => waits),
      [why],
    )
  })

  it("leaves what a person has committed where it would be built anew, and says so", async () => {
    for (const meanwhile of [{ "sdk/src/index.ts": "newer\n" }, conflicting]) {
      using adapted = await released(suite(one), "api")
      const note = '---\n"@nsm/sdk": minor\n---\n\nWhat a person says.\n'
      const files = { ".changeset/update-sdk-api.md": note }
      const theirs = adapted.commit(files, "update/sdk/api")
      await judge(adapted, "green")
      adapted.commit(meanwhile)
      const why = "somebody else has committed to the branch; merge or remove it"
      assert.deepEqual(await merged(adapted), [`update/sdk/api: waits: ${why}`])
      assert.equal(adapted.git("rev-parse", "update/sdk/api"), theirs)
      assert.equal((await adapted.forge.proposals())[0]?.waits, why)
    }
  })

  it("builds anew what conflicts without asking a forge that may not know yet", async () => {
    using unsure = await released(suite(one), "api")
    await judge(unsure, "green")
    unsure.commit(conflicting)
    const refusing = { ...unsure.forge, merge: () => Promise.reject(new Error("not mergeable")) }
    assert.deepEqual(await merged({ forge: refusing }), [
      "update/sdk/api: rebuilt: it conflicted with main",
    ])
  })

  it("builds an update anew that conflicts with one merged before it", async () => {
    using both = await released(suite(two), "sdk-a", "sdk-b")
    await judge(both, "green")
    assert.deepEqual(await merged(both), [
      "update/cmd-a/sdk-a: merged: ",
      "update/cmd-a/sdk-b: rebuilt: it conflicted with main",
    ])
    // What is new has not been checked.
    assert.deepEqual(await merged(both), ["update/cmd-a/sdk-b: waits: no checks have run"])
    await judge(both, "green")
    assert.deepEqual(await merged(both), ["update/cmd-a/sdk-b: merged: "])
    const { dependencies } = JSON.parse(both.git("show", "main:cmd-a/package.json")) as {
      dependencies: object
    }
    assert.deepEqual(dependencies, { "@nsm/sdk-a": "0.2.0", "@nsm/sdk-b": "0.2.0" })
  })

  it("builds an update anew that was checked before another one was merged beside it", async () => {
    const five = ["sdk-a", "sdk-b", "sdk-c", "sdk-d", "sdk-e"]
    const all = Object.fromEntries(five.map((folder) => [folder, {}]))
    const needs = Object.fromEntries(five.map((folder) => [folder, "0.1.0"]))
    using beside = await released(suite({ ...all, "cmd-a": needs }), "sdk-a", "sdk-e")
    await judge(beside, "green")
    assert.deepEqual(await merged(beside), [
      "update/cmd-a/sdk-a: merged: ",
      "update/cmd-a/sdk-e: rebuilt: its package has changed since it was checked",
    ])
    assert.deepEqual(await merged(beside), ["update/cmd-a/sdk-e: waits: no checks have run"])
    await judge(beside, "green")
    assert.deepEqual(await merged(beside), ["update/cmd-a/sdk-e: merged: "])
  })

  it("tries the others though the forge refuses one, and fails all the same", async () => {
    using several = await released(suite(wide), "api")
    await judge(several, "green")
    const forge: typeof several.forge = {
      ...several.forge,
      merge: async (proposal) => {
        if (proposal.branch !== "update/sdk-a/api") return await several.forge.merge(proposal)
        throw new PipelineError("FORGE_REFUSED", "a review is missing")
      },
    }
    await assert.rejects(merge({ forge }), /FORGE_REFUSED: a review is missing/)
    const left = (await several.forge.proposals()).map(({ branch }) => branch)
    assert.deepEqual(left, ["update/sdk-a/api"])
  })

  it("gives up after three times, and says so", async () => {
    using unlucky = await released(suite(one), "api")
    for (let time = 0; time < 4; time++) {
      await judge(unlucky, "green")
      const manifest = JSON.parse(unlucky.git("show", "main:sdk/package.json")) as object
      const dependencies = { "@nsm/api": "0.1.0", [`other-${time}`]: "1.0.0" }
      const changed = JSON.stringify({ ...manifest, dependencies }, undefined, 2)
      unlucky.commit({ "sdk/package.json": `${changed}\n` })
      const [said] = await merged(unlucky)
      const why = "waits: it still conflicts after it was built anew 3 times"
      assert.equal(said, `update/sdk/api: ${time < 3 ? "rebuilt: it conflicted with main" : why}`)
    }
  })

  it("leaves everything as it was when somebody pushes to the branch while it merges", async () => {
    using racing = await released(suite(one), "api")
    await judge(racing, "green")
    const [proposal] = await racing.forge.proposals()
    assert.ok(proposal)
    racing.commit({ "sdk/theirs.txt": "theirs\n" }, "update/sdk/api")
    const before = racing.git("for-each-ref")
    await assert.rejects(racing.forge.merge(proposal), /BRANCH_MOVED/)
    assert.equal(racing.git("for-each-ref"), before)
  })
})
