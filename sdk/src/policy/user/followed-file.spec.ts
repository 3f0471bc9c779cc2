import assert from "node:assert/strict"
import { cp, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Log } from "../../core/log.ts"
import { silentLog } from "../../core/log.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { temporaryFolder, type TemporaryFolder } from "../../testing/temporary-folder.ts"
import type { Question } from "../policy.ts"
import { type FollowedPolicy, followedPolicy } from "./followed-file.ts"

const rego = join(import.meta.dirname, "../rego")
/** Allows what has no path. */
const lenient = join(rego, "common/tokens_valid.tar.gz")
/** Allows nothing without one. */
const strict = join(rego, "server/prev_token_signed.tar.gz")

describe("followedPolicy", () => {
  let clock: FakeClock
  let folder: TemporaryFolder
  let path: string
  let policy: FollowedPolicy | undefined
  let logged: string[]
  let failures: string[]

  beforeEach(async () => {
    clock = new FakeClock()
    folder = await temporaryFolder()
    path = join(folder.path, "policy.tar.gz")
    policy = undefined
    logged = []
    failures = []
  })
  afterEach(async () => {
    await policy?.[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
    assert.equal(clock.pending, 0, "it looks on after its end")
  })

  async function follow(): Promise<void> {
    const note = (message: string): void => void logged.push(message)
    const log: Log = { ...silentLog, info: note, warn: note }
    const onLoadFailure = (name: string): void => void failures.push(name)
    policy = await followedPolicy(path, { clock, log, onLoadFailure })
  }

  /** Lets a period pass, and what is looked at in it come to an end. */
  async function nextLook(): Promise<void> {
    await clock.advance(1000)
    while (clock.pending === 0) await new Promise(setImmediate)
  }

  async function allows(): Promise<boolean | undefined> {
    const question: Question = {
      input: { auth_info: { certificate: "" } },
      now: clock.now(),
      signal: new AbortController().signal,
      claims: () => undefined,
      isSignedByPeer: () => false,
    }
    return (await policy?.evaluate(question))?.isAllowed
  }

  it("holds a new file without a restart", async () => {
    await cp(lenient, path)
    await follow()
    assert.equal(await allows(), true)
    await cp(strict, join(folder.path, "next"))
    await rename(join(folder.path, "next"), path)
    await nextLook()
    assert.equal(await allows(), false)
    assert.deepEqual(logged, ["policy loaded"])
  })

  for (const [title, spoil] of [
    ["is broken", () => writeFile(path, "broken")],
    ["is gone", () => rm(path)],
  ] as const) {
    it(`keeps the last good one when the file ${title}, and says so once`, async () => {
      await cp(strict, path)
      await follow()
      await spoil()
      await nextLook()
      await nextLook()
      assert.equal(await allows(), false)
      assert.deepEqual(logged, ["policy not loaded, the last good one holds"])
      assert.deepEqual(failures, [path])
      await cp(lenient, path)
      await nextLook()
      assert.equal(await allows(), true)
    })
  }

  it("does not begin without a good file", async () => {
    const text = /^policy .*policy\.tar\.gz cannot be loaded: /
    await assert.rejects(follow(), { reason: "POLICY_INVALID", text })
    await writeFile(path, "broken")
    await assert.rejects(follow(), { reason: "POLICY_INVALID", text })
    assert.deepEqual(failures, [path, path])
  })
})
