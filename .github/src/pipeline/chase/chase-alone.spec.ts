import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { check } from "../check.ts"
import { manifestOf, suite } from "../fixture.ts"
import { merge } from "../merge.ts"
import { propagate } from "../propagate.ts"
import { release } from "../release.ts"
import { chase } from "./chase.ts"

const range = ">=0.1.0 <1.0.0"
const api = { ...manifestOf("api", {}), exports: "./index.js" }
const sdk = { ...manifestOf("sdk", { api: range }), scripts: { test: "node test.js" } }
const test = 'import { most } from "@nsm/api"\nif (most > 1) throw new Error(`most is ${most}`)\n'

describe("a wave with a red stage", function () {
  // Packages are installed and tested by npm.
  this.timeout(240_000)

  // What has been packed once serves all steps.
  let work: string
  before(() => {
    work = mkdtempSync(join(tmpdir(), "nsm-chase-spec-"))
  })
  after(() => rmSync(work, { recursive: true }))

  it("stops, is chased back to a commit, and goes on with the fix", async () => {
    using one = suite(
      { api: {}, sdk: { api: range }, "cmd-a": { sdk: range } },
      {
        "api/package.json": JSON.stringify(api, undefined, 2),
        "api/index.js": "export const most = 1\n",
        "sdk/package.json": JSON.stringify(sdk, undefined, 2),
        "sdk/test.js": test,
      },
    )
    const { forge } = one
    one.commit({ "api/other.js": "export {}\n" })
    const broken = one.commit({ "api/index.js": "export const most = 2\n" })
    one.commit({ "api/other.js": "export const other = 1\n" })
    one.released({ api: "0.2.0" })
    await propagate({ forge })
    const [checked] = await check({ forge, work })
    assert.equal(checked?.failed?.step, "test")

    const [blamed] = await chase({ forge, work })
    assert.match(blamed?.why ?? "", new RegExp(`^test fails since ${broken.slice(0, 7)} in api;`))
    const [issue] = await forge.issues()
    assert.match(issue?.text ?? "", /> `Error: most is 2`/)
    assert.match(issue?.text ?? "", /\n {4}at test\.js:2:\d+\n/)
    assert.doesNotMatch(issue?.text ?? "", /nsm-chase|127\.0\.0\.1/)
    assert.deepEqual(
      (await merge({ forge })).map(({ outcome }) => outcome),
      ["waits"],
    )
    assert.deepEqual(await release({ forge }), [])

    one.commit({ "api/index.js": "export const most = 0\n" })
    one.released({ api: "0.2.1" })
    await propagate({ forge })
    await check({ forge, work })
    assert.deepEqual(
      (await chase({ forge, work })).map(({ outcome }) => outcome),
      ["settled"],
    )
    assert.deepEqual(
      (await merge({ forge })).map(({ outcome }) => outcome),
      ["merged"],
    )
    await release({ forge })
    const further = await propagate({ forge })
    assert.deepEqual(
      further.map(({ branch }) => branch),
      ["update/cmd-a/sdk"],
    )
  })
})
