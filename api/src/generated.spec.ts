import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs buf in the package's folder, with the plugin and this Node in reach; throws what it says. */
function buf(...args: string[]): string {
  const bin = (name: string) =>
    fileURLToPath(new URL("bin", import.meta.resolve(`${name}/package.json`)))
  const path = [dirname(process.execPath), bin("@bufbuild/protoc-gen-es"), process.env["PATH"]]
  return execFileSync(process.execPath, [join(bin("@bufbuild/buf"), "buf"), ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: path.join(delimiter) },
  })
}

async function read(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted()
  const texts = paths.map(async (path): Promise<[string, string]> => {
    return [path.slice(folder.length), await readFile(path, "utf8")]
  })
  return new Map(await Promise.all(texts))
}

describe("the generated code", function () {
  this.timeout(60_000)

  it("is what the protos give; if not, run `npx buf generate`", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nsm-api-"))
    try {
      buf("generate", "--output", folder)
      const fresh = await read(join(folder, "src/gen"))
      const committed = await read(join(root, "src/gen"))
      assert.deepEqual([...committed.keys()], [...fresh.keys()], "run `npx buf generate`")
      const stale = [...fresh.keys()].filter((path) => fresh.get(path) !== committed.get(path))
      assert.deepEqual(stale, [], "run `npx buf generate`")
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe("the protos", function () {
  this.timeout(60_000)

  it("have nothing that `npx buf lint` minds", () => {
    assert.equal(buf("lint"), "")
  })

  it("are formatted; if not, run `npx buf format -w`", () => {
    assert.equal(buf("format", "--diff", "--exit-code"), "")
  })
})
