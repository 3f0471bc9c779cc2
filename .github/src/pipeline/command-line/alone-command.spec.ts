import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { manifestOf, suite, type Suite } from "../fixture.ts"

const main = join(import.meta.dirname, "../main.ts")

function run({ path }: Suite, ...args: readonly string[]) {
  const all = [main, "alone", "--forge", path, ...args]
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined }
  return spawnSync(process.execPath, all, { encoding: "utf8", env })
}

const range = ">=0.1.0 <1.0.0"

function limited(): Suite {
  const api = { ...manifestOf("api", {}), exports: "./index.js" }
  const sdk = { ...manifestOf("sdk", { api: range }), scripts: { test: "node test.js" } }
  return suite(
    { api: {}, sdk: { api: range } },
    {
      "api/package.json": JSON.stringify(api),
      "api/index.js": "export const most = 1\n",
      "sdk/package.json": JSON.stringify(sdk),
      "sdk/test.js": 'import { most } from "@nsm/api"\nif (most > 1) throw new Error("much")\n',
    },
  )
}

describe("npm run pipeline -- alone", function () {
  // Packages are installed and tested by npm.
  this.timeout(120_000)

  it("says by its exit status whether a package is red with a commit of what it gets", () => {
    using one = limited()
    const broken = one.commit({ "api/index.js": "export const most = 2\n" })
    const instead = `@nsm/api=${broken.slice(0, 12)}`
    const red = run(one, "sdk", "--instead", instead)
    assert.equal(red.status, 1, red.stderr)
    assert.match(red.stdout, /^test +\d+\.\d s$[^]*^test failed$[^]*^Error: much$[^]*^red$/m)
    const green = run(one, "sdk", "--instead", `${instead}^`, "-o", "json")
    assert.equal(green.status, 0, green.stderr)
    const { schemaVersion, verdict } = JSON.parse(green.stdout) as Record<string, unknown>
    assert.deepEqual([schemaVersion, verdict], [1, "green"])
  })

  it("says what it does not know", () => {
    using one = limited()
    for (const { args, says } of [
      { args: ["sdk", "--commit", "gone"], says: /COMMIT_UNKNOWN: [^]*gone/ },
      { args: ["sdk", "--instead", "@nsm/other=main"], says: /PACKAGE_UNKNOWN: [^]*@nsm\/other/ },
      { args: ["sdk", "--instead", "@nsm/api"], says: /Write it as @nsm\/api=1a2b3c4\./ },
    ]) {
      const { status, stderr } = run(one, ...args)
      assert.equal(status, 2, stderr)
      assert.match(stderr, says)
    }
  })
})
