import assert from "node:assert/strict"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Forge } from "./forge.ts"
import { gitHubForge } from "./github-forge.ts"

/** What the command is asked, by its beginning, and what it answers. */
type Answers = Readonly<Record<string, unknown>>

/**
 * A stand-in for GitHub's command line, as there is no GitHub here: it records what it is asked and
 * answers what the real one does, by its manual.
 */
function github(answers: Answers): Disposable & { forge: Forge; asked: () => string[][] } {
  const folder = mkdtempSync(join(tmpdir(), "nsm-gh-"))
  const [command, record] = [join(folder, "gh"), join(folder, "asked")]
  writeFileSync(
    command,
    `#!${process.execPath}
const { appendFileSync } = require("node:fs")
const args = process.argv.slice(2)
appendFileSync(${JSON.stringify(record)}, JSON.stringify(args) + "\\n")
const answers = ${JSON.stringify(answers)}
const key = Object.keys(answers).find((one) => args.join(" ").includes(one))
const answer = key === undefined ? "" : answers[key]
if (answer.fails) { console.error(answer.fails); process.exit(1) }
console.log(typeof answer === "string" ? answer : JSON.stringify(answer))
`,
  )
  chmodSync(command, 0o755)
  const asked = () =>
    existsSync(record)
      ? readFileSync(record, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as string[])
      : []
  const forge = gitHubForge({ repository: "owner/suite", command })
  return { forge, asked, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

const request = {
  number: 7,
  headRefName: "update/sdk/api",
  headRefOid: "abc",
  title: "Update api",
  body: "News.",
}
const open = { branch: "update/sdk/api", commit: "abc", title: "Update api", text: "News." }

describe("GitHub as a forge", function () {
  this.timeout(60_000)

  it("lists the pipeline's pull requests, and no others", async () => {
    using hub = github({ "pr list": [request, { ...request, headRefName: "someone/else" }] })
    assert.deepEqual(await hub.forge.proposals(), [open])
    const [args = []] = hub.asked()
    assert.deepEqual(args.slice(0, 4), ["pr", "list", "--repo", "owner/suite"])
  })

  it("opens a pull request, or renews the one that there is", async () => {
    const words = ["--title", open.title, "--body", open.text]
    using empty = github({ "pr list": [] })
    await empty.forge.propose(open)
    const place = ["--repo", "owner/suite"]
    const branches = ["--base", "main", "--head", open.branch]
    assert.deepEqual(empty.asked()[1], ["pr", "create", ...place, ...branches, ...words])
    using known = github({ "pr list": [request] })
    await known.forge.propose(open)
    assert.deepEqual(known.asked()[1], ["pr", "edit", ...place, "7", ...words])
  })

  it("keeps in the text why one waits", async () => {
    using hub = github({ "pr list": [] })
    await hub.forge.wait(open, "because")
    const body = hub.asked()[0]?.at(-1) ?? ""
    using after = github({ "pr list": [{ ...request, body }] })
    assert.deepEqual(await after.forge.proposals(), [{ ...open, waits: "because" }])
  })

  const done = { status: "COMPLETED", conclusion: "SUCCESS" }
  for (const { checks, verdict } of [
    { checks: [], verdict: "none" },
    { checks: [done, { state: "SUCCESS" }, { ...done, conclusion: "SKIPPED" }], verdict: "green" },
    { checks: [done, { status: "IN_PROGRESS", conclusion: "" }], verdict: "running" },
    { checks: [done, { state: "PENDING" }], verdict: "running" },
    { checks: [done, { ...done, conclusion: "FAILURE" }], verdict: "red" },
    { checks: [done, { ...done, conclusion: "CANCELLED" }], verdict: "red" },
  ]) {
    it(`calls ${JSON.stringify(checks)} ${verdict}`, async () => {
      using hub = github({ "pr list": [request], "pr view": { statusCheckRollup: checks } })
      assert.equal(await hub.forge.verdict("abc"), verdict)
    })
  }

  it("knows nothing of a commit that is not a pull request's head", async () => {
    using hub = github({ "pr list": [] })
    assert.equal(await hub.forge.verdict("abc"), "none")
  })

  it("merges only the commit that was checked, and no conflict", async () => {
    using hub = github({ "pr view": { mergeable: "MERGEABLE" } })
    assert.equal(await hub.forge.merge(open), true)
    assert.deepEqual(hub.asked()[1]?.slice(-2), ["--match-head-commit", "abc"])
    using conflicting = github({ "pr view": { mergeable: "CONFLICTING" } })
    assert.equal(await conflicting.forge.merge(open), false)
    assert.equal(conflicting.asked().length, 1)
  })

  it("says what failed, with a reason", async () => {
    for (const { said, reason } of [
      { said: "error connecting to api.github.com", reason: "FORGE_UNREACHABLE" },
      { said: "HTTP 403: Resource not accessible", reason: "FORGE_REFUSED" },
      { said: "GraphQL: Head branch was modified.", reason: "BRANCH_MOVED" },
    ]) {
      using hub = github({ "pr list": { fails: said } })
      await assert.rejects(hub.forge.proposals(), new RegExp(`${reason}: [^]*${said}`))
    }
    const missing = gitHubForge({ repository: "owner/suite", command: "gh-that-is-not-there" })
    await assert.rejects(missing.proposals(), /COMMAND_MISSING: gh-that-is-not-there/)
  })
})
