import assert from "node:assert/strict"
import { check } from "./check.ts"
import { manifestOf, suite, type Suite } from "./fixture.ts"
import { merge } from "./merge.ts"
import { propagate } from "./propagate.ts"

const range = ">=0.1.0 <1.0.0"
const one = { api: {}, sdk: { api: range } }
const two = { ...one, "cmd-a": { api: range } }

/** A suite with an update for each dependent of api, whose tests are that command. */
async function updated(packages: typeof one, test: string): Promise<Suite> {
  const manifests = Object.entries(packages).map(([folder, needs]) => {
    const manifest = { ...manifestOf(folder, needs), scripts: { test } }
    return [`${folder}/package.json`, `${JSON.stringify(manifest, undefined, 2)}\n`]
  })
  const made = suite(packages, Object.fromEntries(manifests) as Record<string, string>)
  made.released({ api: "0.2.0" })
  await propagate({ forge: made.forge })
  return made
}

/** Runs again what was ended, and finds that its findings stay. */
async function isKept({ forge, git }: Suite): Promise<void> {
  const before = git("for-each-ref")
  assert.deepEqual(await check({ forge }), [])
  const [{ outcome, why } = { outcome: "" }] = await merge({ forge })
  assert.deepEqual([outcome, why], ["waits", "its checks are red"])
  assert.equal(git("for-each-ref"), before)
}

describe("checks that go wrong", function () {
  this.timeout(120_000)

  it("are ended when they hang, and say after how long", async () => {
    using hanging = await updated(one, "node -e 'setInterval(() => {}, 1000)'")
    const [found] = await check({ forge: hanging.forge, timeoutMs: 4000 })
    assert.equal(found?.verdict, "red")
    // On a machine that has much to do it may not even come to the test.
    assert.match(found.failed?.log ?? "", /TIMED_OUT: npm [^:]*: no end after 4 s/)
    await isKept(hanging)
  })

  it("say what failed even if it said nothing itself", async () => {
    using silent = await updated(one, "node -e 'process.exit(3)'")
    const [found] = await check({ forge: silent.forge })
    assert.equal(found?.failed?.step, "test")
    assert.match(found.failed.log, /CHECK_FAILED: npm run test: \S/)
    await isKept(silent)
  })

  it("go on after what had been checked when they were interrupted", async () => {
    using waiting = await updated(two, "node -e ''")
    const interruption = new AbortController()
    const checked: string[] = []
    const forge = {
      ...waiting.forge,
      async judge(...[commit, findings]: Parameters<typeof waiting.forge.judge>) {
        checked.push(commit)
        interruption.abort()
        await waiting.forge.judge(commit, findings)
      },
    }
    // One after the other: side by side both may be through before the interruption comes.
    const first = check({ forge, parallel: 1, signal: interruption.signal })
    await assert.rejects(first, /INTERRUPTED/)
    assert.equal(checked.length, 1)
    assert.equal((await check({ forge })).length, 1)
    assert.equal(new Set(checked).size, 2)
    const outcomes = (await merge({ forge })).map(({ outcome }) => outcome)
    assert.deepEqual(outcomes, ["merged", "merged"])
  })
})
