import assert from "node:assert/strict"
import { type Call, withCall } from "../core/call.ts"
import { unlessEnded } from "../core/ended.ts"
import { causes, NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { testCall } from "../testing/call.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { firstGranted } from "./first-granted.ts"

describe("firstGranted", () => {
  const allFailed = {
    reason: "ALL_CANDIDATES_FAILED",
    what: "endpoints",
    names: ["first", "second", "third"],
  } as const
  const failing = async (candidate: string): Promise<string> => {
    if (candidate.startsWith("bad")) throw new NsmError("PEER_FAILED", candidate)
    return candidate
  }

  it("answers what the first that succeeds answers", async () => {
    const tried: string[] = []
    const attempt = async (candidate: string): Promise<string> => {
      tried.push(candidate)
      return failing(candidate)
    }
    const answer = await firstGranted(["bad", "good", "better"], testCall(), attempt, allFailed)
    assert.equal(answer, "good")
    assert.deepEqual(tried, ["bad", "good"])
  })

  it("passes a lone failure on", async () => {
    await assert.rejects(firstGranted(["bad"], testCall(), failing, allFailed), { text: "bad" })
  })

  it("makes several failures the causes of one", async () => {
    const granting = firstGranted(["bad 1", "bad 2"], testCall(), failing, allFailed)
    await assert.rejects(granting, (failure) => {
      assert.ok(failure instanceof NsmError)
      assert.equal(failure.reason, "ALL_CANDIDATES_FAILED")
      assert.equal(failure.text, "all endpoints that were tried failed: first, second")
      const texts = causes(failure).map((cause) => NsmError.from(cause).text)
      assert.deepEqual(texts, ["bad 1", "bad 2"])
      return true
    })
  })

  it("asks before each further candidate whether it may go on, and says what the first said", async () => {
    const asked: boolean[] = []
    const mayGoOn = (): boolean => asked.push(true) < 2
    const candidates = ["bad 1", "bad 2", "good"]
    const granting = firstGranted(candidates, testCall(), failing, { ...allFailed, mayGoOn })
    await assert.rejects(granting, (failure) => {
      assert.ok(failure instanceof NsmError)
      assert.equal(failure.reason, "RETRY_BUDGET_EXHAUSTED")
      assert.match(failure.text, /bad 1$/)
      const texts = causes(failure).map((cause) => NsmError.from(cause).text)
      assert.deepEqual(texts, ["bad 1", "bad 2"])
      return true
    })
    assert.equal(asked.length, 2)
    await firstGranted(["good"], testCall(), failing, { ...allFailed, mayGoOn: () => false })
  })

  it("leaves half of the time to those who wait behind one that hangs", async () => {
    const clock = new FakeClock()
    const began = clock.now()
    const tried: (readonly [string, number, number | undefined])[] = []
    const attempt = async (candidate: string, call: Call): Promise<string> => {
      tried.push([candidate, clock.now() - began, call.remainingMs])
      if (candidate === "good") return candidate
      return await unlessEnded(call.signal, new Promise<string>(() => {}))
    }
    const granted = withCall({ clock, log: silentLog, timeoutMs: 8000 }, (call) =>
      firstGranted(["hangs 1", "hangs 2", "good"], call, attempt, {
        ...allFailed,
        sharesTime: true,
      }),
    )
    await clock.advance(6000)
    assert.equal(await granted, "good")
    assert.deepEqual(tried, [
      ["hangs 1", 0, 4000],
      ["hangs 2", 4000, 2000],
      ["good", 6000, 2000],
    ])
    assert.equal(clock.pending, 0)
  })

  it("stops when the call has ended, and then says so by its code", async () => {
    const controller = new AbortController()
    const attempt = async (candidate: string): Promise<string> => {
      if (candidate === "late") {
        controller.abort()
        throw new NsmError("DEADLINE_EXCEEDED", "too late")
      }
      return failing(candidate)
    }
    const call = testCall({ signal: controller.signal })
    await assert.rejects(firstGranted(["bad", "late", "good"], call, attempt, allFailed), {
      reason: "ALL_CANDIDATES_FAILED",
      code: "DEADLINE_EXCEEDED",
    })
  })
})
