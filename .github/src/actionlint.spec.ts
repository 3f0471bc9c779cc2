import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inSuite } from "./in-suite.ts"
import { ownActions, ownWorkflow } from "./pipeline/split/workflow.ts"
import { skip } from "./test-all/skip.ts"

// renovate: datasource=go depName=github.com/rhysd/actionlint
const version = "v1.7.12"

/** Beside what the compiler makes, which git does not keep. */
const bin = join(import.meta.dirname, "../dist/bin")

/** Runs the linter on files, or on a text. */
function lint(linter: string, args: readonly string[], input = "") {
  // The same on every machine, whatever else is installed there.
  const all = ["-no-color", "-shellcheck=", "-pyflakes=", ...args]
  return spawnSync(linter, all, { encoding: "utf8", input })
}

/** The linter of workflows, of its author by Go, whose checksum database vouches for it. */
function install() {
  const module = `github.com/rhysd/actionlint/cmd/actionlint@${version}`
  const env = { ...process.env, GOBIN: bin }
  return spawnSync("go", ["install", module], { encoding: "utf8", env, timeout: limitMs })
}

/** Go compiles it, once on a machine. */
const limitMs = 300_000

inSuite("actionlint", (root) => {
  const folder = join(root, ".github/workflows")
  let linter = ""
  let why: string | undefined

  before(function () {
    this.timeout(limitMs)
    const own = join(bin, "actionlint")
    const isThere = (file: string) => lint(file, ["-version"]).stdout?.includes(version.slice(1))
    const find = () => ["actionlint", own].find(isThere)
    const known = find()
    const installed = known === undefined ? install() : undefined
    linter = known ?? find() ?? ""
    why = installed?.error?.message ?? installed?.stderr.trim().split("\n").at(-1)
  })

  beforeEach(function () {
    if (linter === "") skip(this, `needs actionlint ${version}, or Go to install it: ${why}`)
  })

  it("finds nothing in the workflows", function () {
    const files = readdirSync(folder).map((file) => join(folder, file))
    const { status, stdout, stderr } = lint(linter, files)
    assert.equal(status, 0, stdout + stderr)
    if (this.test) this.test.title += ` (${version})`
  })

  it("finds nothing in the workflow of a repository that is split off", () => {
    const read = (...path: readonly string[]): string => readFileSync(join(...path), "utf8")
    const shared = read(folder, "_package.yaml")
    const actions = ownActions(shared).map((one) => [one, read(root, one, "action.yaml")] as const)
    const text = ownWorkflow({ shared, actions: new Map(actions), node: "24.0.0" })
    const { status, stdout } = lint(linter, ["-"], text)
    assert.equal(status, 0, stdout)
  })

  it("finds what is wrong in one", () => {
    const text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stops: []\n"
    const { status, stdout } = lint(linter, ["-"], text)
    assert.equal(status, 1)
    assert.match(stdout, /unexpected key "stops"/)
  })
})
