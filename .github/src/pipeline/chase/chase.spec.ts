import assert from "node:assert/strict"
import { found, suite, type Suite } from "../fixture.ts"
import { merge } from "../merge.ts"
import { PipelineError } from "../pipeline-error.ts"
import { propagate } from "../propagate.ts"
import { chase, type Chased } from "./chase.ts"
import { allRed, type Asked, madeUpChecks } from "./fixture.ts"

const range = ">=0.1.0 <1.0.0"
const one = { api: {}, sdk: { api: range } }
const two = { "sdk-a": {}, "sdk-b": {}, "cmd-a": { "sdk-a": range, "sdk-b": range } }

/** Chases with made-up checks; what these were asked is added to a list. */
async function chased(
  { forge }: Pick<Suite, "forge">,
  asked: Asked[] = [],
): Promise<readonly Chased[]> {
  return chase({ forge, checksOf: (copy) => madeUpChecks(copy, asked) })
}

/** Commits one after the other what a package has, and releases it. */
function grown(suite: Suite, folder: string, version: string, all: readonly string[]): string[] {
  const commits = all.map((words) => suite.commit({ [`${folder}/has.txt`]: words }))
  suite.released({ [folder]: version })
  return commits
}

async function openRed(suite: Suite): Promise<void> {
  await propagate({ forge: suite.forge })
  await allRed(suite)
}

const short = (commit = ""): string => commit.slice(0, 7)

describe("chasing back", function () {
  // Each case is some dozens of runs of git.
  this.timeout(60_000)

  it("blames the commit upstream that the failure begins with, in few checks", async () => {
    using broken = suite({ ...one, "cmd-a": { sdk: range } }, { "sdk/fails.txt": "slow\n" })
    const commits = grown(broken, "api", "0.2.0", ["a", "a b", "slow", "slow c", "slow d", "slow"])
    await openRed(broken)
    const asked: Asked[] = []
    const [result] = await chased(broken, asked)
    const issue = "sdk fails with @nsm/api@0.2.0"
    const why = `test fails since ${short(commits[2])} in api; see the issue "${issue}"`
    assert.deepEqual(result, { branch: "update/sdk/api", outcome: "blamed", why, issue })
    // Once more, on main, with the release before, and three of seven commits.
    assert.equal(asked.length, 6)
    const [told, ...others] = await broken.forge.issues()
    assert.equal(told?.folder, "api")
    assert.deepEqual(told.updates, ["update/sdk/api"])
    assert.deepEqual(others, [])
    for (const said of [
      "brings `@nsm/api@0.2.0`",
      "its **test** fails:\n\n> `Error: seen slow`",
      `**${short(commits[2])}** \`Change api/has.txt\` (A)`,
      "api/has.txt | 2 +-",
      "- with `@nsm/api@0.1.0` instead: green",
      `--instead @nsm/api=${commits[2]?.slice(0, 12)}\n`,
      `--instead @nsm/api=${commits[2]?.slice(0, 12)}^\n`,
    ]) {
      assert.ok(told.text.includes(said), `${said}\n\nin\n\n${told.text}`)
    }
    const [proposal] = await broken.forge.proposals()
    assert.equal(proposal?.waits, why)
    // Nothing downstream has moved.
    const outcomes = (await propagate({ forge: broken.forge })).map(({ outcome }) => outcome)
    assert.deepEqual(outcomes, ["unchanged"])
    assert.deepEqual(await merge({ forge: broken.forge }), [
      { branch: "update/sdk/api", outcome: "waits", why: "its checks are red" },
    ])
  })

  it("changes nothing and checks nothing when it runs again", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    grown(broken, "api", "0.2.0", ["slow", "slow a"])
    await openRed(broken)
    const first = await chased(broken)
    const before = broken.git("for-each-ref")
    const asked: Asked[] = []
    const said = async () => Promise.reject(new Error("said already"))
    const forge = { ...broken.forge, report: said, wait: said, settle: said }
    assert.deepEqual(await chased({ forge }, asked), first)
    assert.equal(broken.git("for-each-ref"), before)
    assert.deepEqual(asked, [])
  })

  it("goes on where it was broken off", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    const commits = grown(broken, "api", "0.2.0", ["a", "b", "slow", "slow a", "slow b"])
    await openRed(broken)
    const asked: Asked[] = []
    const breaking = chase({
      forge: broken.forge,
      checksOf: (copy) => ({
        async check(...args) {
          if (asked.length === 4) throw new PipelineError("INTERRUPTED", "npm test")
          return madeUpChecks(copy, asked).check(...args)
        },
      }),
    })
    await assert.rejects(breaking, /INTERRUPTED/)
    assert.deepEqual(await broken.forge.issues(), [])
    const again: Asked[] = []
    const [result] = await chased(broken, again)
    assert.match(result?.why ?? "", new RegExp(`since ${short(commits[2])} in api`))
    const what = (one: Asked): string => JSON.stringify([one.commit, ...one.instead])
    const twice = again.filter((one) => asked.some((before) => what(before) === what(one)))
    assert.deepEqual([twice, again.length > 0], [[], true])
  })

  it("passes by commits that cannot be built, and says of which it cannot tell", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    const words = ["a", "b", "unbuildable", "unbuildable c", "slow", "slow a"]
    const commits = grown(broken, "api", "0.2.0", words)
    await openRed(broken)
    await chased(broken)
    const [issue] = await broken.forge.issues()
    assert.match(
      issue?.text ?? "",
      /one of these commits; those before the last fail in another way/,
    )
    for (const [index, commit] of commits.entries()) {
      const isShown = issue?.text.includes(`**${short(commit)}**`)
      assert.equal(isShown, index >= 2 && index <= 4, `commit ${index}`)
    }
  })

  it("is not misled by commits of which a later step fails", async () => {
    using broken = suite(one, { "sdk/fails.txt": "build: gone\nslow\n" })
    const words = ["a", "slow", "slow a", "gone", "gone a"]
    const commits = grown(broken, "api", "0.2.0", words)
    await openRed(broken)
    const [result] = await chased(broken)
    assert.match(result?.why ?? "", new RegExp(`^build fails since ${short(commits[3])} in api;`))
    const [issue] = await broken.forge.issues()
    assert.match(issue?.text ?? "", /the failure begins with this commit:/)
  })

  it("finds of several that an update brings the one to blame", async () => {
    using broken = suite(
      { api: {}, "sdk-a": { api: range }, "cmd-a": { api: range, "sdk-a": range } },
      { "cmd-a/fails.txt": "slow\n" },
    )
    const commits = grown(broken, "api", "0.2.0", ["a", "slow"])
    const needs = JSON.parse(broken.git("show", "main:sdk-a/package.json")) as object
    const dependencies = { "@nsm/api": ">=0.2.0 <1.0.0" }
    broken.commit({ "sdk-a/package.json": JSON.stringify({ ...needs, dependencies }) })
    broken.released({ "sdk-a": "0.1.1" })
    await openRed(broken)
    const [proposal] = await broken.forge.proposals()
    assert.equal(proposal?.branch, "update/cmd-a/sdk-a")
    await chased(broken)
    const [issue] = await broken.forge.issues()
    assert.deepEqual([issue?.folder, issue?.key], ["api", `api ${commits[1]}`])
    // What else the update brings is held where it was, to see only this.
    assert.match(
      issue?.text ?? "",
      /--instead @nsm\/sdk-a=@nsm\/sdk-a@0\.1\.0 --instead @nsm\/api=/,
    )
  })

  it("finds the pair that is red only together, one merged just before the other", async () => {
    using broken = suite(two, { "cmd-a/fails.txt": "quick slow\n" })
    const [, a] = grown(broken, "sdk-a", "0.2.0", ["a", "quick", "quick b"])
    await propagate({ forge: broken.forge })
    for (const { commit } of await broken.forge.proposals()) {
      await broken.forge.judge(commit, found("green"))
    }
    await merge({ forge: broken.forge })
    const [b] = grown(broken, "sdk-b", "0.2.0", ["slow", "slow b"])
    await openRed(broken)
    const [result] = await chased(broken)
    assert.match(
      result?.why ?? "",
      new RegExp(`since ${short(b)} in sdk-b and ${short(a)} in sdk-a came together`),
    )
    const [issue] = await broken.forge.issues()
    assert.equal(issue?.title, "cmd-a fails with @nsm/sdk-b@0.2.0 and @nsm/sdk-a@0.2.0 together")
    assert.equal(issue.folder, "sdk-b")
    assert.match(issue.text, /with `@nsm\/sdk-a@0\.1\.0` instead: green/)
    assert.match(issue.text, /with `@nsm\/sdk-b@0\.1\.0` instead: green/)
  })

  it("does not suspect what was merged before and has nothing to do with it", async () => {
    using broken = suite(two, { "cmd-a/fails.txt": "slow\n" })
    grown(broken, "sdk-a", "0.2.0", ["quick"])
    await propagate({ forge: broken.forge })
    for (const { commit } of await broken.forge.proposals()) {
      await broken.forge.judge(commit, found("green"))
    }
    await merge({ forge: broken.forge })
    grown(broken, "sdk-b", "0.2.0", ["slow"])
    await openRed(broken)
    await chased(broken)
    const [issue] = await broken.forge.issues()
    assert.equal(issue?.title, "cmd-a fails with @nsm/sdk-b@0.2.0")
  })

  it("tells an upstream once of all dependents that one commit breaks", async () => {
    const folders = ["sdk-a", "sdk-b", "sdk-c", "sdk-d"]
    const needs = folders.map((folder) => [folder, { api: range }] as const)
    const rules = folders.map((folder) => [`${folder}/fails.txt`, "slow\n"] as const)
    using broken = suite({ api: {}, ...Object.fromEntries(needs) }, Object.fromEntries(rules))
    grown(broken, "api", "0.2.0", ["slow"])
    await openRed(broken)
    const all = await chased(broken)
    assert.deepEqual(
      all.map(({ branch, outcome }) => `${branch} ${outcome}`),
      folders.map((folder) => `update/${folder}/api blamed`),
    )
    const [issue, ...others] = await broken.forge.issues()
    assert.deepEqual(others, [])
    assert.equal(issue?.title, "sdk-a, sdk-b, sdk-c and sdk-d fail with @nsm/api@0.2.0")
    // Three are enough to see it; an issue may not be longer than a forge takes.
    const shown = folders.map((folder) => issue.text.includes(`### What fails in ${folder}`))
    assert.deepEqual(shown, [true, true, true, false])
    assert.match(issue.text, /^- `update\/sdk-d\/api`: \*\*test\*\* fails: `Error: seen slow`$/m)
  })

  it("blames a dependent that is red without the release as well", async () => {
    const rules = "build: gone\nown\n"
    using broken = suite(one, { "sdk/fails.txt": rules, "sdk/has.txt": "own" })
    grown(broken, "api", "0.2.0", ["gone"])
    await openRed(broken)
    const why = "test of sdk fails without @nsm/api@0.2.0 as well: Error: seen own"
    assert.deepEqual(await chased(broken), [{ branch: "update/sdk/api", outcome: "own", why }])
    assert.deepEqual(await broken.forge.issues(), [])
    assert.equal((await broken.forge.proposals())[0]?.waits, why)
    // Repaired on main, the update is built anew there.
    broken.commit({ "sdk/has.txt": "" })
    const [renewed] = await chased(broken)
    assert.equal(renewed?.outcome, "renewed")
    const [proposal] = await broken.forge.proposals()
    assert.equal(proposal?.waits, undefined)
    assert.equal(await broken.forge.verdict(proposal?.commit ?? ""), "none")
    assert.equal(
      broken.git("merge-base", "main", "update/sdk/api"),
      broken.git("rev-parse", "main"),
    )
  })

  it("blames what somebody has committed to the branch, and no upstream", async () => {
    using broken = suite(one, { "sdk/fails.txt": "own\n" })
    grown(broken, "api", "0.2.0", ["a"])
    await propagate({ forge: broken.forge })
    broken.commit({ "sdk/has.txt": "own" }, "update/sdk/api")
    await allRed(broken)
    const [result] = await chased(broken)
    assert.deepEqual([result?.outcome, await broken.forge.issues()], ["own", []])
  })

  it("blames nobody for what is green when it is checked once more", async () => {
    using flaky = suite(one)
    grown(flaky, "api", "0.2.0", ["a"])
    await openRed(flaky)
    const [result] = await chased(flaky)
    assert.equal(result?.outcome, "flaky")
    assert.deepEqual(await flaky.forge.issues(), [])
    const [proposal] = await flaky.forge.proposals()
    assert.match(
      proposal?.waits ?? "",
      /^test failed \(Error: not today\), and sdk was green when it was checked alone once more/,
    )
  })

  it("settles the issue once a fix has replaced the update and is green", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    grown(broken, "api", "0.2.0", ["slow"])
    await openRed(broken)
    await chased(broken)
    grown(broken, "api", "0.2.1", ["fixed"])
    await propagate({ forge: broken.forge })
    // Nobody knows yet whether it is fixed.
    assert.deepEqual(await chased(broken), [])
    assert.equal((await broken.forge.issues()).length, 1)
    const [proposal] = await broken.forge.proposals()
    await broken.forge.judge(proposal?.commit ?? "", found("green"))
    const issue = "sdk fails with @nsm/api@0.2.0"
    const settled = { branch: "update/sdk/api", outcome: "settled" as const, issue }
    assert.deepEqual(await chased(broken), [{ ...settled, why: "update/sdk/api is green" }])
    assert.deepEqual(await broken.forge.issues(), [])
    assert.equal(broken.git("for-each-ref", "refs/pipeline/probes/"), "")
    await merge({ forge: broken.forge })
    assert.deepEqual(await chased(broken), [])
  })

  it("settles the issue of an update that was merged meanwhile", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    grown(broken, "api", "0.2.0", ["slow"])
    await openRed(broken)
    await chased(broken)
    const [proposal] = await broken.forge.proposals()
    assert.ok(proposal)
    await broken.forge.merge(proposal)
    const [settled] = await chased(broken)
    assert.equal(settled?.why, "sdk is built on @nsm/api@0.2.0")
  })

  it("renews the issue when a newer release is red because of the same commit", async () => {
    using broken = suite(one, { "sdk/fails.txt": "slow\n" })
    grown(broken, "api", "0.2.0", ["slow"])
    await openRed(broken)
    await chased(broken)
    grown(broken, "api", "0.2.1", ["slow a"])
    await openRed(broken)
    await chased(broken)
    const titles = (await broken.forge.issues()).map(({ title }) => title)
    assert.deepEqual(titles, ["sdk fails with @nsm/api@0.2.1"])
  })
})
