import assert from "node:assert/strict"
import { suite } from "../fixture.ts"

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
    for (const verdict of ["running", "red", "green"] as const) {
      await one.forge.judge(commit, verdict)
      assert.equal(await one.forge.verdict(commit), verdict)
    }
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
