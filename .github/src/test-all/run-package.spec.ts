import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Outcome } from "./outcome.ts"
import { runPackage } from "./run-package.ts"

async function outcomeOf(spec: string, settings: object = {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "nsm-run-package-"))
  try {
    mkdirSync(join(folder, "src"))
    const all = { spec: ["src/*.spec.cjs"], ...settings }
    writeFileSync(join(folder, ".mocharc.json"), JSON.stringify(all))
    if (spec !== "") writeFileSync(join(folder, "src/a.spec.cjs"), spec)
    return await runPackage(folder, { graceMs: 100, output: "ignore" })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("runPackage", function () {
  this.timeout(30_000)

  const skip = JSON.stringify(join(import.meta.dirname, "skip.ts"))
  /** Two ways to say why a test is skipped, of which only the second reaches another process. */
  const ways = [
    {
      title: "counts what passed, failed and was skipped, with the reason",
      settings: {},
      saying: (reason: string) => `this.skipReason = "${reason}"; this.skip()`,
      early: "before",
    },
    {
      title: "counts the same where mocha runs files in parallel",
      settings: { parallel: true, jobs: 2 },
      saying: (reason: string) => `require(${skip}).skip(this, "${reason}")`,
      early: "beforeEach",
    },
  ]
  for (const { title, settings, saying, early } of ways) {
    it(title, async () => {
      const spec = `describe("a wire", () => {
        it("is made", () => {})
        it("is kept", () => { throw new Error("lost") })
        it("is fast", function () { ${saying("needs root")} })
        describe("of glass", () => {
          ${early}(function () { ${saying("needs glass")} })
          it("shines", () => {})
        })
        it("is red")
      })`
      assert.deepEqual(await outcomeOf(spec, settings), {
        passed: 1,
        failed: ["a wire is kept"],
        skipped: [
          { title: "a wire is fast", reason: "needs root" },
          { title: "a wire is red", reason: "to be written" },
          { title: "a wire of glass shines", reason: "needs glass" },
        ],
      })
    })
  }

  it("fails when something is left open, and names it", async () => {
    const { passed, failed } = await outcomeOf(
      `it("leaves a timer", () => { setInterval(() => {}, 1e6) })`,
    )
    assert.equal(passed, 1)
    assert.match(failed.join(), /left open: .*Timeout/)
  })

  it("fails when the process dies in between", async () => {
    const { failed } = await outcomeOf(`it("ends early", () => process.exit(0))`)
    assert.match(failed.join(), /did not run to their end/)
  })

  it("fails when the process ends badly after all tests passed", async () => {
    const killed = `after(() => setTimeout(() => process.kill(process.pid, "SIGKILL")))`
    const { failed } = await outcomeOf(`it("passes", () => {}); ${killed}`)
    assert.deepEqual(failed, ["all tests passed, but the run ended with SIGKILL"])
  })

  it("fails when a spec cannot be read", async () => {
    assert.match((await outcomeOf("describe(")).failed.join(), /did not run to their end/)
  })

  it("fails when there are no tests", async () => {
    assert.match((await outcomeOf("")).failed.join(), /did not run to their end: 1/)
  })
})
