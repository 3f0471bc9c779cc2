import assert from "node:assert/strict"
import { rehearse, timelineText } from "@nsm/dot-github"
import { suiteCheckout } from "./own-suite.ts"

describe("a wave of the suite itself", function () {
  // Minutes where nothing else runs.
  this.timeout(1_200_000)

  it("carries a release of api to an integration package, with no hand on it", async function () {
    const root = suiteCheckout()
    if (root === undefined) {
      this["skipReason"] = "needs a git checkout of the suite"
      this.skip()
    }
    // With all packages and all tests it is a command: npm run pipeline -- rehearse.
    const to = "integration-simulation"
    const { isThrough, missing, timeline } = await rehearse({ root, to, isWithoutTests: true })
    assert.deepEqual(missing, [])
    assert.ok(isThrough, timelineText(timeline))
    process.stdout.write(`${timelineText(timeline)}\n`)
  })
})
