import assert from "node:assert/strict"
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import type { Log } from "../../core/log.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { temporaryFolder } from "../../testing/temporary-folder.ts"
import { followPrefixFile, type PrefixFile } from "./prefix-file.ts"

describe("followPrefixFile", () => {
  let cleanup: AsyncDisposableStack
  let folder: string
  let clock: FakeClock
  let warnings: object[]

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder()).path
    clock = new FakeClock()
    warnings = []
  })
  afterEach(() => cleanup.disposeAsync())

  const log: Log = {
    error() {},
    warn: (_, fields = {}) => void warnings.push(fields),
    info() {},
    debug() {},
    child: () => log,
  }
  const path = (): string => join(folder, "excluded.yaml")
  const follow = async (): Promise<PrefixFile> =>
    cleanup.use(await followPrefixFile({ path: path(), clock, log }))

  /** Lets the time pass after which the file is looked at, and the look itself. */
  const look = async (): Promise<void> => {
    await clock.advance(1000)
    while (clock.pending === 0) await setImmediate()
  }

  it("reads the list", async () => {
    await writeFile(path(), "prefixes:\n- 10.96.0.0/12\n- fd00::/8\n")
    assert.deepEqual((await follow()).prefixes, ["10.96.0.0/12", "fd00::/8"])
    assert.deepEqual(warnings, [])
  })

  for (const text of ["", "{}", "prefixes:", "prefixes: []", "other: 1"]) {
    it(`takes ${JSON.stringify(text)} as an empty list`, async () => {
      await writeFile(path(), text)
      assert.deepEqual((await follow()).prefixes, [])
      assert.deepEqual(warnings, [])
    })
  }

  it("takes a file that is not there as an empty list, and one that goes", async () => {
    const file = await follow()
    assert.deepEqual(file.prefixes, [])
    await writeFile(path(), "prefixes: [10.0.0.0/8]")
    await look()
    assert.deepEqual(file.prefixes, ["10.0.0.0/8"])
    await rm(path())
    await look()
    assert.deepEqual(file.prefixes, [])
    assert.deepEqual(warnings, [])
  })

  it("follows a link that is exchanged, as configuration maps are", async () => {
    for (const [name, prefix] of [
      ["a", "10.0.0.0/8"],
      ["b", "fd00::/8"],
    ] as const) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, "excluded.yaml"), `prefixes: ["${prefix}"]`)
    }
    await symlink("a", join(folder, "data"))
    await symlink(join("data", "excluded.yaml"), path())
    const file = await follow()
    assert.deepEqual(file.prefixes, ["10.0.0.0/8"])
    await symlink("b", join(folder, "next"))
    await rename(join(folder, "next"), join(folder, "data"))
    await look()
    assert.deepEqual(file.prefixes, ["fd00::/8"])
  })

  const malformed: readonly (readonly [text: string, problem: RegExp])[] = [
    ["prefixes: [", /YAMLParseError/],
    ["prefixes: 10.0.0.0/8", /no list/],
    ["- 10.0.0.0/8", /no list/],
    ["just text", /no list/],
    ["prefixes: [10.0.0.0/8, 10.0.0/8]", /"10.0.0\/8" is not a prefix/],
    ["prefixes: [8]", /8 is not a prefix/],
  ]
  for (const [text, problem] of malformed) {
    it(`warns once about ${JSON.stringify(text)} and keeps the list as it was`, async () => {
      await writeFile(path(), "prefixes: [10.0.0.0/8]")
      const file = await follow()
      await writeFile(path(), text)
      await look()
      await look()
      assert.deepEqual(file.prefixes, ["10.0.0.0/8"])
      assert.equal(warnings.length, 1)
      assert.match(
        JSON.stringify(warnings),
        new RegExp(problem.source.replaceAll('"', String.raw`\\"`)),
      )
    })
  }

  it("warns about a file that cannot be read and keeps the list as it was", async () => {
    await writeFile(path(), "prefixes: [10.0.0.0/8]")
    const file = await follow()
    await rm(path())
    await mkdir(path())
    await look()
    assert.deepEqual(file.prefixes, ["10.0.0.0/8"])
    assert.match(JSON.stringify(warnings), /EISDIR/)
  })

  it("leaves nothing open when it is disposed", async () => {
    const file = await follow()
    await clock.advance(1000)
    await file[Symbol.asyncDispose]()
    await clock.advance(2000)
    assert.equal(clock.pending, 0)
  })
})
