import assert from "node:assert/strict"
import { found, suite } from "../fixture.ts"

const files = { "a.txt": "a\n" }
const proposal = { branch: "update/sdk/api", title: "Update api in sdk", text: "What is new." }

describe("a bare repository as a forge", function () {
  this.timeout(60_000)

  it("keeps proposals, renews them, and says why one waits", async () => {
    using one = suite({ api: {} })
    const { forge } = one
    const commit = one.commit(files, proposal.branch)
    assert.deepEqual(await forge.proposals(), [])
    await forge.propose(proposal)
    assert.deepEqual(await forge.proposals(), [{ ...proposal, commit }])
    await forge.wait({ ...proposal, commit }, "because")
    assert.deepEqual(await forge.proposals(), [{ ...proposal, commit, waits: "because" }])
    await forge.propose({ ...proposal, text: "What is newer." })
    assert.deepEqual(await forge.proposals(), [{ ...proposal, commit, text: "What is newer." }])
  })

  it("keeps what the checks of a commit found", async () => {
    using one = suite({ api: {} })
    const commit = one.git("rev-parse", "main")
    assert.equal(await one.forge.verdict(commit), "none")
    assert.equal(await one.forge.findings(commit), undefined)
    for (const findings of [found("red"), found("green")]) {
      await one.forge.judge(commit, findings)
      assert.equal(await one.forge.verdict(commit), findings.verdict)
      assert.deepEqual(await one.forge.findings(commit), findings)
    }
  })

  it("keeps one issue for each cause until it is settled", async () => {
    using one = suite({ api: {} })
    const issue = { folder: "api", key: "api: a b", title: "Broken", text: "So.", updates: ["u"] }
    const other = { ...issue, key: "api: c" }
    await one.forge.report(issue)
    await one.forge.report(other)
    await one.forge.report({ ...issue, text: "So now." })
    const byKey = (await one.forge.issues()).toSorted((a, b) => a.key.localeCompare(b.key))
    assert.deepEqual(byKey, [{ ...issue, text: "So now." }, other])
    await one.forge.settle(issue.key, "fixed")
    await one.forge.settle(issue.key, "fixed")
    assert.deepEqual(await one.forge.issues(), [other])
  })

  it("merges with both as parents, and takes proposal and branch away", async () => {
    using one = suite({ api: {} })
    const commit = one.commit(files, proposal.branch)
    const main = one.commit({ "b.txt": "b\n" })
    await one.forge.propose(proposal)
    assert.equal(await one.forge.merge({ ...proposal, commit }), true)
    assert.equal(
      one.git("log", "-1", "--format=%P %s", "main"),
      `${main} ${commit} ${proposal.title}`,
    )
    assert.equal(one.git("show", "main:a.txt") + one.git("show", "main:b.txt"), "ab")
    assert.deepEqual(await one.forge.proposals(), [])
    assert.equal(one.git("branch", "--list", "update/*"), "")
  })

  it("leaves everything as it is where a proposal conflicts", async () => {
    using one = suite({ api: {} })
    const commit = one.commit(files, proposal.branch)
    one.commit({ "a.txt": "b\n" })
    await one.forge.propose(proposal)
    const before = one.git("for-each-ref")
    assert.equal(await one.forge.merge({ ...proposal, commit }), false)
    assert.equal(one.git("for-each-ref"), before)
  })

  it("withdraws a proposal with its branch, unless the branch has moved", async () => {
    using one = suite({ api: {} })
    const commit = one.commit(files, proposal.branch)
    await one.forge.propose(proposal)
    const moved = { ...proposal, commit: one.git("rev-parse", "main") }
    await assert.rejects(one.forge.withdraw(moved, "old"), /BRANCH_MOVED/)
    await one.forge.withdraw({ ...proposal, commit }, "old")
    assert.deepEqual(await one.forge.proposals(), [])
  })

  it("forgets a proposal whose branch a person has removed", async () => {
    using one = suite({ api: {} })
    one.commit(files, proposal.branch)
    await one.forge.propose(proposal)
    one.git("branch", "-D", proposal.branch)
    assert.deepEqual(await one.forge.proposals(), [])
  })
})
