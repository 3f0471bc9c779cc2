import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import { Shell } from "./shell.ts"

describe("Shell", () => {
  let folder: TemporaryFolder
  let shell: Shell
  beforeEach(async () => {
    folder = await temporaryFolder()
    shell = Shell.start({ cwd: folder.path, env: process.env, limitMs: 1000 })
  })
  afterEach(async () => {
    await shell[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  it("keeps what scripts leave for those after them", async () => {
    await shell.run("a=1; mkdir sub; cd sub; f() { echo $a; }")
    const { status, output } = await shell.run("f; pwd\n")
    assert.equal(status, 0)
    assert.equal(output.trim(), `1\n${folder.path}/sub`)
  })

  it("takes both outputs in their order, and the status of the last command", async () => {
    const { status, output } = await shell.run("echo a; echo b >&2; echo c; (exit 3)")
    assert.deepEqual([status, output.trim()], [3, "a\nb\nc"])
  })

  it("gives scripts nothing to read", async () => {
    assert.equal((await shell.run("cat; echo read")).output.trim(), "read")
  })

  it("goes on after a script that cannot be read", async () => {
    assert.notEqual((await shell.run("if")).status, 0)
    assert.equal((await shell.run("echo on")).output.trim(), "on")
  })

  it("ends a script that takes too long, with what it had printed", async () => {
    await assert.rejects(shell.run("echo begun; sleep 60"), {
      reason: "DEADLINE_EXCEEDED",
      text: /after 1 s; it had printed:\nbegun$/,
    })
  })

  it("ends what scripts leave running", async () => {
    const { output } = await shell.run("sleep 60 & echo $!")
    const pid = Number(output)
    process.kill(pid, 0)
    await shell[Symbol.asyncDispose]()
    for (let waited = 0; waited < 1000 && isRunning(pid); waited += 10) await wait(10)
    assert.ok(!isRunning(pid))
  })
})

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
  } catch {
    return false
  }
}
