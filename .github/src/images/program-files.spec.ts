import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { readWorkspace } from "../workspaces.ts"
import { layOutProgram } from "./program-files.ts"

const manifest = (fields: object): string => JSON.stringify({ version: "1.0.0", ...fields })

/** A command with a dependency that it uses, one that it does not, and one with native code. */
const files = {
  "cmd-a/package.json": manifest({ name: "@nsm/cmd-a", bin: { a: "./dist/a.js" } }),
  "cmd-a/dist/main.js": `import { used } from "used"; import koffi from "koffi"; console.log(used, koffi)`,
  "cmd-a/dist/inner/helper.main.js": `console.log("helps")`,
  "node_modules/used/package.json": manifest({ name: "used", license: "MIT" }),
  "node_modules/used/index.js": `export { used } from "./inner/inner.js"; export * from "unused"`,
  "node_modules/used/LICENSE": "used",
  "node_modules/used/inner/package.json": `{ "type": "module" }`,
  "node_modules/used/inner/inner.js": `export const used = () => Math.random()`,
  "node_modules/unused/package.json": manifest({ name: "unused", sideEffects: false }),
  "node_modules/unused/index.js": `export const unused = 1`,
  "node_modules/koffi/package.json": manifest({
    name: "koffi",
    optionalDependencies: { "@koromix/here": "1.0.0", "@koromix/elsewhere": "1.0.0" },
  }),
  "node_modules/koffi/index.js": "",
  "node_modules/koffi/LICENSE.txt": "koffi",
  "node_modules/koffi/doc/index.js": "",
  "node_modules/koffi/source.cc": "",
  "node_modules/@koromix/here/package.json": manifest({ name: "@koromix/here" }),
  "node_modules/@koromix/here/index.js": "",
  "node_modules/@koromix/here/linux_x64/koffi.node": "native",
  "node_modules/@koromix/here/musl_x64/koffi.node": "native",
  "node_modules/.package-lock.json": JSON.stringify({
    packages: { "node_modules/used": { integrity: "sha512-AAEC" } },
  }),
}

describe("layOutProgram", () => {
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "nsm-program-"))
    for (const [file, text] of Object.entries(files)) {
      await mkdir(join(root, dirname(file)), { recursive: true })
      await writeFile(join(root, file), text)
    }
  })
  afterEach(() => rm(root, { recursive: true }))

  const layOut = () => layOutProgram(readWorkspace(root, "cmd-a"), join(root, "out"))

  it("lists what is in the bundle and nothing else, with digests", async () => {
    const components = await layOut()
    const names = components.map(({ name, version = "" }) => `${name} ${version}`.trim())
    assert.deepEqual(names, [
      "dist/a.js",
      "dist/helper.js",
      "@nsm/cmd-a 1.0.0",
      "used 1.0.0",
      "koffi 1.0.0",
      "@koromix/here 1.0.0",
    ])
    assert.deepEqual(components[3], {
      type: "library",
      name: "used",
      version: "1.0.0",
      license: "MIT",
      purl: "pkg:npm/used@1.0.0",
      digest: { sha512: "000102" },
    })
  })

  it("lays out the program, native code for this platform, and licences", async () => {
    await layOut()
    const is = (file: string): boolean => existsSync(join(root, "out", file))
    assert.match(await readFile(join(root, "out/dist/a.js"), "utf8"), /console\.log/)
    assert.match(await readFile(join(root, "out/dist/helper.js"), "utf8"), /helps/)
    assert.equal(await readFile(join(root, "out/licenses/used@1.0.0/LICENSE"), "utf8"), "used")
    assert.ok(is("package.json"))
    assert.ok(is("licenses/koffi@1.0.0/LICENSE.txt"))
    assert.ok(is("node_modules/koffi/index.js"))
    assert.ok(is("node_modules/@koromix/here/linux_x64/koffi.node"))
    assert.ok(!is("node_modules/@koromix/here/musl_x64"))
    assert.ok(!is("node_modules/koffi/doc"))
    assert.ok(!is("node_modules/koffi/source.cc"))
    assert.ok(!is("node_modules/used"))
  })

  it("says that a command has not been built", async () => {
    await rm(join(root, "cmd-a/dist"), { recursive: true })
    await assert.rejects(layOut(), { reason: "NOT_BUILT" })
  })
})
