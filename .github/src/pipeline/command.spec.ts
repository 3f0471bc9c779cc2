import assert from "node:assert/strict"
import { run } from "./command.ts"

const reasonOf = () => "GIT_FAILED" as const
const node = async (code: string, options = {}) =>
  run(process.execPath, ["-e", code], { reasonOf, ...options })

describe("a command", function () {
  this.timeout(60_000)

  it("answers with what it prints, and with exit codes that are answers", async () => {
    assert.deepEqual(await node('process.stdout.write("a\\n")'), { code: 0, text: "a\n" })
    assert.deepEqual(await node("process.exit(1)", { answers: [0, 1] }), { code: 1, text: "" })
  })

  it("fails with what it says, or with that it says nothing", async () => {
    await assert.rejects(node('console.error("why"); process.exit(3)'), /GIT_FAILED: [^]*: why$/)
    await assert.rejects(node("process.exit(3)"), /ended without a word/)
  })

  it("keeps to itself what stands in addresses", async () => {
    const address = "https://user:s3cret@example.org/suite.git"
    const failing = node(`console.error("cannot reach ${address}"); process.exit(1)`)
    await assert.rejects(failing, (error: Error) => {
      assert.doesNotMatch(error.message, /s3cret/)
      assert.match(error.message, /cannot reach https:\/\/example\.org\/suite\.git/)
      return true
    })
  })

  it("is ended when it hangs", async () => {
    await assert.rejects(node("setInterval(() => {}, 1000)", { timeoutMs: 300 }), /TIMED_OUT/)
  })

  it("is ended when nobody wants it any more", async () => {
    const signal = AbortSignal.timeout(100)
    await assert.rejects(node("setInterval(() => {}, 1000)", { signal }), /INTERRUPTED/)
  })
})
