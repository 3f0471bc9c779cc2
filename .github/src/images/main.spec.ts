import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const main = join(import.meta.dirname, "main.ts")

describe("npm run images", function () {
  this.timeout(20_000)

  it("refuses what is no command, and says so", () => {
    const { status, stderr } = spawnSync(process.execPath, [main, "cmd-nsmgr", "sdk"], {
      encoding: "utf8",
      env: { NO_COLOR: "1" },
    })
    assert.equal(status, 2, stderr)
    assert.match(stderr, /^error  PACKAGE_UNKNOWN: sdk is no command of the suite$/m)
  })
})
