import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import { changed, goesOn, hook } from "./going-on.ts"
import { merge } from "./merge.ts"
import { propagate } from "./propagate.ts"
import { release } from "./release.ts"

const main = join(import.meta.dirname, "main.ts")

describe("a command that is interrupted", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  it("says so, leaves nothing behind, and is continued by the next run", async () => {
    using one = changed()
    const [begun, temporary] = [join(one.path, "begun"), join(one.path, "../tmp")]
    mkdirSync(temporary)
    hook(one, "pre-receive", `: > ${begun}; while :; do sleep 0.05; done`)
    const before = one.git("for-each-ref")
    const who = { GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.org" }
    const as = { GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.org" }
    const child = spawn(process.execPath, [main, "release", "--forge", one.path], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...who, ...as, NO_COLOR: "1", TMPDIR: temporary },
    })
    const said = text(child.stderr)
    while (!existsSync(begun)) await setTimeout(20)
    // Node keeps there what it has compiled, too.
    const folders = () => readdirSync(temporary).filter((name) => name.startsWith("nsm-"))
    assert.notDeepEqual(folders(), [])
    child.kill("SIGINT")
    const [code] = (await once(child, "exit")) as [number | null]
    assert.equal(code, 130)
    assert.match(await said, /^error {2}INTERRUPTED: git push[^]*what to do: Run again/)
    assert.deepEqual(folders(), [])
    assert.equal(one.git("for-each-ref"), before)
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })
})

describe("a merge that breaks off", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  it("is not made twice where main had moved already", async () => {
    using broken = changed()
    const { forge } = broken
    await release({ forge })
    await propagate({ forge })
    const [proposal] = await forge.proposals()
    assert.ok(proposal)
    const findings = { began: "2026-01-01T00:00:00.000Z", ms: 1, steps: [] }
    await forge.judge(proposal.commit, { verdict: "green", ...findings })
    const refs = ["refs/heads/update/sdk/api", "refs/pipeline/proposals/update/sdk/api"]
    const before = refs.map((ref) => [ref, broken.git("rev-parse", ref)] as const)
    await forge.merge(proposal)
    for (const [ref, id] of before) broken.git("update-ref", ref, id)
    const main = broken.git("rev-parse", "main")
    const [waiting] = await merge({ forge })
    assert.equal(waiting?.why, "there is nothing left to update")
    const [gone] = await propagate({ forge })
    assert.equal(gone?.outcome, "withdrawn")
    assert.equal(broken.git("rev-parse", "main"), main)
    assert.deepEqual(await forge.proposals(), [])
    assert.equal(broken.git("branch", "--list", "update/*"), "")
  })
})
