import assert from "node:assert/strict"
import { dirname } from "node:path"
import { suiteCheckout, timelineText } from "@nsm/dot-github"
import { suiteWave } from "./suite-wave.ts"

describe("a wave of the suite itself", function () {
  // Minutes where nothing else runs.
  this.timeout(1_200_000)

  it("carries a release of api to an integration package, with no hand on it", async function () {
    const root = suiteCheckout(dirname(import.meta.dirname))
    if (root === undefined) {
      this["skipReason"] = "needs a git checkout of the suite"
      this.skip()
    }
    const { isThrough, missing, timeline } = await suiteWave(root)
    assert.deepEqual(missing, [])
    assert.ok(isThrough, timelineText(timeline))
    process.stdout.write(`${timelineText(timeline)}\n`)
  })
})
