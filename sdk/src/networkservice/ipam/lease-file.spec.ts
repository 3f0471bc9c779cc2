import assert from "node:assert/strict"
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { temporaryFolder, type TemporaryFolder } from "../../testing/temporary-folder.ts"
import { leaseFile } from "./lease-file.ts"
import type { StoredLease } from "./lease-store.ts"

describe("leaseFile", () => {
  let folder: TemporaryFolder
  let clock: FakeClock
  let path: string
  let warnings: NsmError[]
  beforeEach(async () => {
    folder = await temporaryFolder()
    clock = new FakeClock()
    path = join(folder.path, "leases.json")
    warnings = []
  })
  afterEach(async () => {
    await folder[Symbol.asyncDispose]()
    assert.equal(clock.pending, 0, "timers are left")
  })
  const log: Log = {
    ...silentLog,
    warn: (_, { error }: { error?: unknown } = {}) => void warnings.push(NsmError.from(error)),
  }
  const open = (owner = "nse-1") => leaseFile({ path, owner, clock, log })
  const lease = (connectionId: string, forMs = 60_000): StoredLease => ({
    connectionId,
    client: "nsc-1 a",
    dst: "10.0.0.0/32",
    src: "10.0.0.1/32",
    expiresAt: clock.now() + forMs,
  })
  /** Waits until files are as they should be: the disk has a time of its own. */
  const becomes = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
    while (!(await isSo())) await setImmediate()
  }
  const holds = (id: string) => async (): Promise<boolean> =>
    (await readFile(path, "utf8").catch(() => "")).includes(id)

  it("keeps what was put and not deleted for who comes next", async () => {
    {
      await using store = await open()
      store.put(lease("a"))
      store.put(lease("b"))
      store.put(lease("b", 90_000))
      store.put(lease("c"))
      store.delete(lease("c"))
    }
    await using next = await open()
    assert.deepEqual(next.leases, [lease("a"), lease("b", 90_000)])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it("writes a quarter of a second after a change, and not without one", async () => {
    await using store = await open()
    store.put(lease("a"))
    await clock.advance(249)
    assert.deepEqual(await readdir(folder.path), [])
    await clock.advance(1)
    await becomes(holds('"a"'))
    store.put(lease("b"))
    await becomes(async () => {
      await clock.advance(250)
      return await holds('"b"')()
    })
    await becomes(() => clock.pending === 0)
    assert.deepEqual(await readdir(folder.path), ["leases.json"])
  })

  it("lets go what has ended", async () => {
    {
      await using store = await open()
      store.put(lease("a", 1000))
      store.put(lease("b", 2000))
    }
    await clock.advance(1000)
    await using next = await open()
    assert.deepEqual(
      next.leases.map(({ connectionId }) => connectionId),
      ["b"],
    )
  })

  for (const [title, text, why] of [
    ["is damaged", '{"format": "nsm-le', /it is not JSON/],
    ["is something else", "root:x:0:0:root:/root:/bin/sh", /it is not JSON/],
    ["is other JSON", '{"leases": []}', /its format is not nsm-leases-1/],
    ["is no object", "null", /its format is not nsm-leases-1/],
    [
      "is another endpoint's",
      '{"format":"nsm-leases-1","owner":"nse-2","leases":[]}',
      /it is of "nse-2"/,
    ],
    [
      "holds what is no lease",
      '{"format":"nsm-leases-1","owner":"nse-1","leases":[{"dst":1}]}',
      /what is no lease/,
    ],
  ] as const) {
    it(`warns of a file that ${title}, and leaves it as it is`, async () => {
      await writeFile(path, text)
      {
        await using store = await open()
        assert.deepEqual(store.leases, [])
        store.put(lease("a"))
      }
      assert.equal(await readFile(path, "utf8"), text)
      const [warning] = warnings
      assert.equal(warning?.reason, "STATE_FILE_UNUSABLE")
      assert.match(warning.text, why)
      assert.ok(warning.text.includes(path))
      assert.doesNotMatch(JSON.stringify(warnings), /root:x/, "it quotes the file")
    })
  }

  it("warns of a file that cannot be read", async () => {
    await mkdir(path)
    await using store = await open()
    assert.deepEqual(store.leases, [])
    assert.equal(warnings[0]?.reason, "STATE_FILE_UNUSABLE")
    assert.match(warnings[0].text, /EISDIR/)
  })

  it("warns once that it cannot be written, and writes as soon as it can", async () => {
    path = join(folder.path, "missing", "leases.json")
    await using store = await open()
    store.put(lease("a"))
    await clock.advance(250)
    await becomes(() => warnings.length === 1)
    assert.equal(warnings[0]?.reason, "STATE_FILE_UNUSABLE")
    await mkdir(join(folder.path, "missing"))
    await becomes(async () => {
      await clock.advance(5000)
      return await holds('"a"')()
    })
    assert.equal(warnings.length, 1)
  })

  it("takes an empty file for a new one", async () => {
    await writeFile(path, "")
    await using store = await open()
    assert.deepEqual([store.leases, warnings], [[], []])
  })
})
