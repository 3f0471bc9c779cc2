import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import {
  liveRecord,
  makeDirectory,
  removeDirectory,
  removeStale,
  sessionDirectory,
  writeRecord,
} from "./directory.ts"

const directory = sessionDirectory(`spec-${process.pid}`)

describe("session directory", () => {
  beforeEach(() => makeDirectory(directory))
  afterEach(() => removeDirectory(directory))

  it("knows the process that holds a playground while it runs", async () => {
    const child = spawn("sleep", ["60"])
    const exit = once(child, "exit")
    await writeRecord(directory, child.pid ?? 0)
    assert.equal((await liveRecord(directory))?.pid, child.pid)
    assert.ok(!(await removeStale()).includes(directory.name))
    child.kill("SIGKILL")
    await exit
    assert.equal(await liveRecord(directory), undefined)
  })

  it("removes the folder of a playground whose process has gone", async () => {
    const child = spawn("true")
    const exit = once(child, "exit")
    await writeRecord(directory, child.pid ?? 0)
    await exit
    assert.ok((await removeStale()).includes(directory.name))
    assert.ok(!existsSync(directory.path))
  })

  it("is not fooled by another process with the same id", async () => {
    await writeRecord(directory, process.pid)
    await writeFile(
      `${directory.path}/session.json`,
      JSON.stringify({ pid: process.pid, startTicks: "1" }),
    )
    assert.equal(await liveRecord(directory), undefined)
  })

  it("keeps socket paths short enough for the kernel", () => {
    const longest = sessionDirectory("n".repeat(40))
    assert.ok(Buffer.byteLength(`${longest.path}/forwarder-node-1.http.sock`) <= 107)
  })
})
