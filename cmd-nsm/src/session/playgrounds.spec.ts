import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdir, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import { claimDirectory } from "./claim.ts"
import { sessionDirectory, sessionsPath } from "./directory.ts"
import { livePlaygrounds, meantPlayground, removeStale } from "./playgrounds.ts"
import { liveRecord, writeRecord } from "./record.ts"

describe("playgrounds on disk", () => {
  const before = process.env["TMPDIR"]
  let folder: TemporaryFolder
  beforeEach(async () => {
    folder = await temporaryFolder()
    process.env["TMPDIR"] = folder.path
  })
  afterEach(async () => {
    if (before === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = before
    await folder[Symbol.asyncDispose]()
  })

  it("are known while the process runs that holds them", async () => {
    const directory = sessionDirectory("lab")
    assert.ok(await claimDirectory(directory))
    const child = spawn("sleep", ["60"])
    const exit = once(child, "exit")
    await writeRecord(directory, { pid: child.pid ?? 0, isStarting: false })
    assert.equal((await liveRecord(directory))?.pid, child.pid)
    assert.deepEqual(await livePlaygrounds(), ["lab"])
    assert.deepEqual(await removeStale(), [])
    child.kill("SIGKILL")
    await exit
    assert.equal(await liveRecord(directory), undefined)
    assert.deepEqual(await livePlaygrounds(), [])
    assert.deepEqual(await removeStale(), ["lab"])
    assert.ok(!existsSync(directory.path))
  })

  it("are not taken for others whose process has the same id", async () => {
    const directory = sessionDirectory("lab")
    assert.ok(await claimDirectory(directory))
    const record = { pid: process.pid, startTicks: "1", isStarting: false }
    await writeFile(`${directory.path}/session.json`, JSON.stringify(record))
    assert.equal(await liveRecord(directory), undefined)
  })

  it("belong to whoever claims them first, and are not taken for leftovers meanwhile", async () => {
    const directory = sessionDirectory("lab")
    const claims = [await claimDirectory(directory), await claimDirectory(directory)]
    assert.deepEqual(claims, [true, false])
    assert.deepEqual(await removeStale(), [])
    assert.equal((await liveRecord(directory))?.isStarting, true)
    assert.deepEqual(await livePlaygrounds(), ["lab"])
  })

  it("are meant without a name when there is only one", async () => {
    assert.equal(await meantPlayground(undefined), "default")
    assert.ok(await claimDirectory(sessionDirectory("lab")))
    assert.equal(await meantPlayground(undefined), "lab")
    assert.equal(await meantPlayground("other"), "other")
    assert.ok(await claimDirectory(sessionDirectory("other")))
    assert.equal(await meantPlayground(undefined), "default")
  })

  it("leave nothing behind of a claim that was cut off", async () => {
    // No process has this id: it is above the kernel's highest.
    const cut = sessionDirectory(".new-4194305")
    await mkdir(cut.path, { recursive: true })
    assert.deepEqual(await removeStale(), [])
    assert.ok(!existsSync(cut.path))
  })

  it("are not put where somebody else may look", async () => {
    await symlink(tmpdir(), sessionsPath())
    const claim = claimDirectory(sessionDirectory("lab"))
    await assert.rejects(claim, { reason: "PERMISSION_DENIED" })
  })
})
