import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { check } from "./check.ts"
import { type Files, found, manifestOf, suite, type Suite } from "./fixture.ts"

const range = ">=0.1.0 <1.0.0"

/** A folder in which the tests of made-up packages leave their marks. */
function marks(): Disposable & { readonly folder: string; seen(name: string): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "nsm-check-spec-"))
  return {
    folder,
    async seen(name) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (existsSync(join(folder, name))) resolve()
      }
      const watcher = watch(folder, look)
      look()
      await promise
      watcher.close()
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

/** A package whose test is a program. */
function tested(folder: string, program: string): Files {
  const manifest = { ...manifestOf(folder, { api: range }), scripts: { test: "node test.js" } }
  return {
    [`${folder}/package.json`]: JSON.stringify(manifest),
    [`${folder}/test.js`]: program,
  }
}

/** A program that marks that it runs, and ends when there is another mark. */
function waitsFor(folder: string, own: string, other: string): string {
  return `import { existsSync, watch, writeFileSync } from "node:fs"
const watcher = watch(${JSON.stringify(folder)}, look)
writeFileSync(${JSON.stringify(join(folder, own))}, "")
look()
function look() {
  if (existsSync(${JSON.stringify(join(folder, other))})) watcher.close()
}`
}

/** Two updates that are open, with tests of their own. */
async function twoUpdates(tests: { readonly a: string; readonly b: string }): Promise<Suite> {
  const one = suite({ api: {}, "cmd-a": { api: range }, "cmd-b": { api: range } })
  for (const [letter, program] of Object.entries(tests)) {
    const branch = `update/cmd-${letter}/api`
    one.commit(tested(`cmd-${letter}`, program), branch)
    await one.forge.propose({ branch, title: branch, text: "" })
  }
  return one
}

describe("checking", function () {
  this.timeout(60_000)

  it("takes several updates at a time, and each once", async () => {
    using place = marks()
    const { folder } = place
    using one = await twoUpdates({ a: waitsFor(folder, "a", "b"), b: waitsFor(folder, "b", "a") })
    const all = await check({ forge: one.forge, parallel: 2 })
    assert.deepEqual(
      all.map(({ branch, verdict, failed }) => [branch, verdict, failed?.log]),
      [
        ["update/cmd-a/api", "green", undefined],
        ["update/cmd-b/api", "green", undefined],
      ],
    )
    const names = ["pack", "export", "install", "npm ls", "test"]
    assert.deepEqual(
      all[0]?.steps.map(({ name }) => name),
      names,
    )
    assert.deepEqual(await check({ forge: one.forge }), [])
  })

  it("ends all when it is ended, and the next run does what is left", async () => {
    using place = marks()
    const { folder } = place
    using one = await twoUpdates({ a: waitsFor(folder, "a", "go"), b: waitsFor(folder, "b", "go") })
    const controller = new AbortController()
    const work = mkdtempSync(join(tmpdir(), "nsm-check-spec-"))
    try {
      const run = check({ forge: one.forge, parallel: 2, signal: controller.signal, work })
      await Promise.all([place.seen("a"), place.seen("b")])
      controller.abort()
      await assert.rejects(run, /^PipelineError: INTERRUPTED/)
      assert.equal(one.git("for-each-ref", "refs/pipeline/findings"), "")
      // What was packed serves the next run; what was built is gone.
      assert.deepEqual(readdirSync(work), ["packs"])
      assert.equal(readdirSync(join(work, "packs")).length, 1)
      writeFileSync(join(folder, "go"), "")
      const all = await check({ forge: one.forge, work, without: ["lint"] })
      assert.deepEqual(
        all.map(({ verdict }) => verdict),
        ["green", "green"],
      )
    } finally {
      rmSync(work, { recursive: true })
    }
  })

  it("checks again what it is told to, and no branch that is not open", async () => {
    using one = await twoUpdates({ a: "", b: "" })
    for (const { commit } of await one.forge.proposals()) {
      await one.forge.judge(commit, found("red"))
    }
    const again = ["update/cmd-a/api"]
    const all = await check({ forge: one.forge, again })
    assert.deepEqual(
      all.map(({ branch, verdict }) => [branch, verdict]),
      [["update/cmd-a/api", "green"]],
    )
    const unknown = check({ forge: one.forge, again: ["update/cmd-c/api"] })
    await assert.rejects(unknown, /UPDATE_UNKNOWN: update\/cmd-c\/api is not open/)
  })

  it("says of a package that it cannot be installed from what there is", async () => {
    using one = suite({ api: {}, "cmd-a": { api: range } })
    const branch = "update/cmd-a/api"
    one.commit({ "package-lock.json": undefined }, branch)
    await one.forge.propose({ branch, title: branch, text: "" })
    const [result] = await check({ forge: one.forge })
    assert.equal(result?.failed?.step, "pack")
    assert.match(result?.failed?.log ?? "", /^LOCK_UNFIT: there is no package-lock\.json at /)
  })
})
