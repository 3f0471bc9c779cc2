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
  isCrossRepository: false,
}
const open = { branch: "update/sdk/api", commit: "abc", title: "Update api", text: "News." }

describe("GitHub as a forge", function () {
  this.timeout(60_000)

  it("lists the pipeline's pull requests, and no others", async () => {
    const others = [{ headRefName: "someone/else" }, { isCrossRepository: true }]
    const all = [request, ...others.map((other) => ({ ...request, ...other }))]
    using hub = github({ "pr list": all })
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
    // As it is sent, and as a browser sends it back.
    for (const said of [body, body.replaceAll("\n", "\r\n")]) {
      using after = github({ "pr list": [{ ...request, body: said }] })
      assert.deepEqual(await after.forge.proposals(), [{ ...open, waits: "because" }])
    }
  })

  const done = { status: "COMPLETED", conclusion: "SUCCESS" }
  for (const { checks, verdict } of [
    { checks: [], verdict: "none" },
    { checks: [done, { state: "SUCCESS" }, { ...done, conclusion: "SKIPPED" }], verdict: "green" },
    { checks: [done, { status: "IN_PROGRESS", conclusion: "" }], verdict: "running" },
    { checks: [done, { state: "PENDING" }], verdict: "running" },
    { checks: [done, { ...done, conclusion: "FAILURE" }], verdict: "red" },
    { checks: [done, { ...done, conclusion: "CANCELLED" }], verdict: "red" },
    { checks: [{ ...done, conclusion: "ACTION_REQUIRED" }], verdict: "none" },
  ]) {
    it(`calls ${JSON.stringify(checks)} ${verdict}`, async () => {
      using hub = github({ "pr list": [request], "pr view": { statusCheckRollup: checks } })
      assert.equal(await hub.forge.verdict("abc"), verdict)
    })
  }

  it("finds a commit among all pull requests that are open, without GitHub's search", async () => {
    using hub = github({
      "--search": [],
      "pr list": [{ ...request, number: 6, headRefOid: "another" }, request],
      "pr view --repo owner/suite 7": { statusCheckRollup: [done] },
    })
    assert.equal(await hub.forge.verdict("abc"), "green")
  })

  it("has an update checked by the workflow of its package, as what it pushed itself starts none", async () => {
    using hub = github({})
    await hub.forge.check?.(open)
    const place = ["--repo", "owner/suite", "sdk.yaml"]
    assert.deepEqual(hub.asked(), [["workflow", "run", ...place, "--ref", "update/sdk/api"]])
  })

  it("knows nothing of a commit that is not a pull request's head", async () => {
    using hub = github({ "pr list": [] })
    assert.equal(await hub.forge.verdict("abc"), "none")
  })

  it("reads from the runs of a commit what they found, once all have ended", async () => {
    const time = (second: number) => `2026-01-01T00:00:0${second}Z`
    const job = {
      databaseId: 5,
      name: "check",
      conclusion: "success",
      startedAt: time(1),
      completedAt: time(3),
      steps: [{ name: "npm test", conclusion: "success" }],
    }
    const run = { databaseId: 4, workflowName: "sdk", status: "completed" }
    const began = "2026-01-01T00:00:01.000Z"
    using green = github({ "run list": [run], "run view": { jobs: [job] } })
    assert.deepEqual(await green.forge.findings("abc"), {
      verdict: "green",
      began,
      ms: 2000,
      steps: [{ name: "sdk / check", ms: 2000 }],
    })
    assert.deepEqual(green.asked()[0]?.slice(4, 6), ["--commit", "abc"])
    const steps = [{ name: "npm test", conclusion: "failure" }]
    const failing = { ...job, conclusion: "failure", steps, completedAt: time(4) }
    const log = "check\tnpm test\t2026-01-01T00:00:02.1Z 1) fails\ncheck\tnpm test\t\n"
    using red = github({
      "run list": [run],
      "--log-failed": log,
      "run view": { jobs: [failing, { ...job, conclusion: "skipped" }] },
    })
    assert.deepEqual(await red.forge.findings("abc"), {
      verdict: "red",
      began,
      ms: 3000,
      steps: [{ name: "sdk / check", ms: 3000 }],
      failed: { step: "npm test", log: "1) fails" },
    })
    for (const runs of [[], [run, { ...run, status: "in_progress" }]]) {
      using hub = github({ "run list": runs })
      assert.equal(await hub.forge.findings("abc"), undefined)
    }
  })

  // What a test said may look like what the pipeline writes itself.
  const text = "So.\n\n<!-- pipeline {} -->"
  const issue = { folder: "api", key: "api: a", title: "Broken", text, updates: ["u"] }

  it("opens an issue with a label, renews the open one of the same cause, and closes it", async () => {
    using empty = github({ "issue list": [] })
    await empty.forge.report(issue)
    const [, label = [], create = []] = empty.asked()
    assert.deepEqual(label.slice(0, 2), ["label", "create"])
    assert.deepEqual(create.slice(0, 6), [
      ...["issue", "create", "--repo", "owner/suite"],
      ...["--label", "pipeline"],
    ])
    const known = { number: 9, title: "Broken", body: create.at(-1)?.replaceAll("\n", "\r\n") }
    const theirs = { number: 8, title: "Other", body: "written by a person" }
    using hub = github({ "issue list": [theirs, known] })
    assert.deepEqual(await hub.forge.issues(), [issue])
    await hub.forge.report({ ...issue, text: "So now." })
    await hub.forge.settle(issue.key, "fixed")
    await hub.forge.settle("another", "fixed")
    const changes = hub.asked().filter(([, verb]) => verb !== "list")
    assert.deepEqual(
      changes.map((args) => [args[1], args[4]]),
      [
        ["edit", "9"],
        ["close", "9"],
      ],
    )
  })

  it("merges only the commit that was checked, and no conflict", async () => {
    using hub = github({ "pr view": { mergeable: "MERGEABLE" } })
    assert.equal(await hub.forge.merge(open), true)
    assert.deepEqual(hub.asked()[1]?.slice(-2), ["--match-head-commit", "abc"])
    using conflicting = github({ "pr view": { mergeable: "CONFLICTING" } })
    assert.equal(await conflicting.forge.merge(open), false)
    assert.equal(conflicting.asked().length, 1)
  })

  it("says so when it is told nothing, or what nobody can read", async () => {
    for (const [answer, why] of [
      ["", "is empty"],
      ["<html>", "is no JSON"],
    ] as const) {
      using hub = github({ "pr list": answer })
      const says = new RegExp(`FORGE_REFUSED: what .*gh pr list answered ${why}`)
      await assert.rejects(hub.forge.proposals(), says)
    }
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
