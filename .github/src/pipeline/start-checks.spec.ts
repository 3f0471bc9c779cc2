import assert from "node:assert/strict"
import type { OpenProposal } from "./forge/forge.ts"
import { suite } from "./fixture.ts"
import { propagate } from "./propagate.ts"
import { startChecks } from "./start-checks.ts"

const range = ">=0.1.0 <1.0.0"

describe("starting checks", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  it("starts those of updates that nobody checks, and of no others, even if it broke off", async () => {
    using one = suite({ api: {}, sdk: { api: range }, "cmd-a": { api: range } })
    one.released({ api: "0.2.0" })
    await propagate({ forge: one.forge })
    const asked: string[] = []
    let isThere = false
    const forge = {
      ...one.forge,
      async check({ branch, commit }: OpenProposal) {
        if (asked.length > 0 && !isThere) throw new Error("no network")
        asked.push(branch)
        const at = { began: "2026-01-01T00:00:00.000Z", ms: 1, steps: [] }
        await one.forge.judge(commit, { verdict: "green", ...at })
      },
    }
    await assert.rejects(startChecks({ forge }), /no network/)
    isThere = true
    assert.equal((await startChecks({ forge })).length, 1)
    assert.deepEqual(asked.toSorted(), ["update/cmd-a/api", "update/sdk/api"])
    assert.deepEqual(await startChecks({ forge }), [])
  })

  it("is not for a forge that runs nothing itself", async () => {
    using one = suite({ api: {} })
    await assert.rejects(startChecks({ forge: one.forge }), /FORGE_UNKNOWN: .*no checks of its own/)
  })
})
