import assert from "node:assert/strict"
import { existsSync, openSync, readlinkSync } from "node:fs"
import { FakeClock } from "@nsm/sdk/testing"
import { HeldFile } from "./held-file.ts"
import { ReceivedFiles } from "./received-files.ts"

const never = new AbortController().signal

function open(path: string): { fd: number; url: string; path: string } {
  const file = new HeldFile(openSync(path, "r"))
  return { fd: file.fd, url: file.url, path: file.path }
}

describe("ReceivedFiles", () => {
  let clock: FakeClock
  let files: ReceivedFiles
  beforeEach(() => {
    clock = new FakeClock(0)
    files = new ReceivedFiles({ clock, mostFiles: 3 })
  })
  afterEach(() => files[Symbol.dispose]())

  it("gives a path to what has come", async () => {
    const file = open("/etc/hostname")
    files.add(file.fd)
    assert.equal(readlinkSync(await files.receive(file.url, never)), "/etc/hostname")
  })

  it("gives it to all who waited for it", async () => {
    const file = open("/etc/hostname")
    const waiting = [files.receive(file.url, never), files.receive(file.url, never)]
    files.add(file.fd)
    assert.deepEqual(await Promise.all(waiting), [file.path, file.path])
  })

  it("closes what came twice", () => {
    const [one, other] = [open("/etc/hostname"), open("/etc/hostname")]
    files.add(one.fd)
    files.add(other.fd)
    assert.equal(files.size, 1)
    assert.ok(existsSync(one.path))
    assert.ok(!existsSync(other.path))
  })

  it("says that a file did not come when the call ends, and waits no more", async () => {
    const controller = new AbortController()
    const waiting = files.receive("inode://1/2", controller.signal)
    controller.abort()
    await assert.rejects(waiting, {
      reason: "DEADLINE_EXCEEDED",
      message: /timeout in receiving inode:\/\/1\/2/,
    })
    await assert.rejects(files.receive("inode://1/2", AbortSignal.abort()), {
      reason: "DEADLINE_EXCEEDED",
    })
  })

  it("closes everything when it ends, also what comes later, and says so to those who wait", async () => {
    const [kept, later] = [open("/etc/hostname"), open("/etc/passwd")]
    files.add(kept.fd)
    const waiting = files.receive(later.url, never)
    files[Symbol.dispose]()
    files.add(later.fd)
    await assert.rejects(waiting, { reason: "PEER_UNREACHABLE" })
    await assert.rejects(files.receive(later.url, never), { reason: "PEER_UNREACHABLE" })
    assert.ok(!existsSync(kept.path) && !existsSync(later.path))
  })

  it("closes what nobody has asked for in ten seconds", async () => {
    const file = open("/etc/hostname")
    files.add(file.fd)
    await clock.advance(9999)
    await files.receive(file.url, never)
    await clock.advance(9999)
    assert.ok(existsSync(file.path))
    await clock.advance(1)
    assert.ok(!existsSync(file.path))
    assert.equal(files.size, 0)
  })

  it("keeps so many, and of more the ones that came last", () => {
    const all = ["/etc/hostname", "/etc/passwd", "/etc/group", "/etc/fstab"].map(open)
    for (const { fd } of all) files.add(fd)
    assert.deepEqual(
      all.map(({ path }) => existsSync(path)),
      [false, true, true, true],
    )
  })

  it("refuses other URLs", async () => {
    await assert.rejects(files.receive("file:///etc/hostname", never), { reason: "INVALID_URL" })
  })
})
