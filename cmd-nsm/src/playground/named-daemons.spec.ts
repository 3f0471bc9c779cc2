import assert from "node:assert/strict"
import { namedDaemons } from "./named-daemons.ts"

describe("namedDaemons", () => {
  const all = ["registry", "nsmgr-1", "nse-1"].map((name) => ({ name }))

  it("picks each once, in the order in which they are named", () => {
    const picked = namedDaemons(["nse-1", "registry", "nse-1"], all)
    assert.deepEqual(picked, [{ name: "nse-1" }, { name: "registry" }])
  })

  it("refuses a name that no process has, and says which there are", () => {
    assert.throws(() => namedDaemons(["registry", "nsmgr"], all), {
      reason: "INVALID_CONFIGURATION",
      text: /"nsmgr"/,
      remedy: "Choose one of: registry, nsmgr-1, nse-1",
    })
  })
})
