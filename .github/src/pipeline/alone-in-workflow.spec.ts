import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { inSuite } from "../in-suite.ts"
import { readWorkflows } from "../read-workflows.ts"
import { manifestOf, suite } from "./fixture.ts"

const needs = { api: ">=0.1.0 <1.0.0" }
const main = join(import.meta.dirname, "main.ts")

/** Programs of a machine of GitHub: sudo is for nothing here, and npm finds the pipeline. */
function programs(folder: string): string {
  const bin = join(folder, "bin")
  mkdirSync(bin)
  const npm = `if [ "$1 $2" = "run pipeline" ]; then shift 3; exec ${process.execPath} ${main} "$@"; fi
PATH=$(echo "$PATH" | sed "s|${bin}${delimiter}||g") exec npm "$@"`
  for (const [name, script] of Object.entries({ npm, sudo: 'exec "$@"' })) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return [bin, process.env["PATH"]].join(delimiter)
}

inSuite("the job that checks a package alone", (root) => {
  const { runs } = readWorkflows(root)
  const lines = runs.filter(({ where }) => where === "_package.yaml: alone").map(({ line }) => line)
  const of = lines.findIndex((line) => line.includes("alone sdk "))
  const script = lines.slice(of - 1, of + 1).join("\n")

  for (const { test, status, says } of [
    { test: "node -e ''", status: 0, says: /green/ },
    { test: "node -e 'process.exit(3)'", status: 1, says: /test failed/ },
  ]) {
    it(`checks what is checked out, with no branch of it, and ends with ${status}`, function () {
      this.timeout(120_000)
      using one = suite({ api: {}, sdk: needs })
      const manifest = { ...manifestOf("sdk", needs), scripts: { test } }
      const change = { "sdk/package.json": JSON.stringify(manifest) }
      const commit = one.commit(change, "pull/7/merge")
      const folder = mkdtempSync(join(tmpdir(), "nsm-checkout-"))
      try {
        const cwd = join(folder, "suite")
        execFileSync("git", ["clone", "--quiet", one.path, cwd])
        execFileSync("git", ["checkout", "--quiet", "--detach", commit], { cwd })
        const env = { ...process.env, PATH: programs(folder) }
        // As GitHub runs it.
        const options = { cwd, env, encoding: "utf8" } as const
        const result = spawnSync("bash", ["-e", "-o", "pipefail", "-c", script], options)
        assert.equal(result.status, status, result.stdout + result.stderr)
        assert.match(result.stdout, says)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
})
