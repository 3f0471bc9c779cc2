import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const main = join(import.meta.dirname, "../../main.ts")

/** Runs the demonstration with a folder for temporary files of its own, and says what is left in it. */
async function played(signal?: "SIGINT" | "SIGHUP") {
  const folder = mkdtempSync(join(tmpdir(), "nsm-demo-spec-"))
  try {
    const plain = { NO_COLOR: "1", FORCE_COLOR: undefined }
    // What npm compiles it would keep there.
    const env = { ...process.env, ...plain, TMPDIR: folder, NODE_DISABLE_COMPILE_CACHE: "1" }
    const child = spawn(process.execPath, [main, "demo"], { env, stdio: "pipe" })
    let [out, told] = ["", ""]
    child.stdout.on("data", (text: Buffer) => (out += text.toString()))
    child.stderr.on("data", (text: Buffer) => {
      told += text.toString()
      if (signal && told.includes("checking") && !child.killed) child.kill(signal)
    })
    const [code] = (await once(child, "close")) as [number | null]
    return { code, out, told, left: readdirSync(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("npm run pipeline -- demo", function () {
  // It installs and tests a dozen packages.
  this.timeout(600_000)

  it("plays a wave, a red stage, its chase-back and the fix, and all comes out as expected", async () => {
    const { code, out, told, left } = await played()
    assert.doesNotMatch(out, /✘/)
    assert.equal(out.match(/^✔ /gm)?.length, 11, `${out}\n${told}`)
    assert.equal(code, 0)
    assert.match(told, /The issue at api: cmd-server fails with @nsm\/api@0\.2\.0/)
    assert.match(told, /stage 3: /)
    assert.ok(!told.includes("\u001B"), "nothing moves or is coloured where there is no terminal")
    assert.deepEqual(left, [])
  })

  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    it(`leaves nothing behind when it is ended by ${signal}`, async () => {
      const { code, out, left } = await played(signal)
      assert.equal(code, 130)
      assert.equal(out, "")
      assert.deepEqual(left, [])
    })
  }
})
