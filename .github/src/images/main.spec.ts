import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { inSuite } from "../in-suite.ts"

inSuite("npm run images", (root) => {
  it("refuses what is no command, and says so", function () {
    this.timeout(20_000)
    const main = join(root, ".github/src/images/main.ts")
    const { status, stderr } = spawnSync(process.execPath, [main, "cmd-nsmgr", "sdk"], {
      encoding: "utf8",
      env: { NO_COLOR: "1" },
    })
    assert.equal(status, 2, stderr)
    assert.match(stderr, /^error  PACKAGE_UNKNOWN: sdk is no command of the suite$/m)
  })
})
