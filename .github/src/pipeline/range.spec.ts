import assert from "node:assert/strict"
import { isBreaking, movedRange, namedVersion } from "./range.ts"

describe("a range", () => {
  it("names its lowest version", () => {
    for (const range of ["1.2.3", "^1.2.3", "~1.2.3", ">=1.2.3", ">=1.2.3 <2.0.0"]) {
      assert.equal(namedVersion(range, "sdk"), "1.2.3")
    }
  })

  it("keeps its kind when it moves", () => {
    const moved = (range: string, version: string) => movedRange(range, version, "sdk")
    assert.equal(moved("0.1.0", "0.2.0"), "0.2.0")
    assert.equal(moved("^0.1.0", "0.2.0"), "^0.2.0")
    assert.equal(moved("~0.1.0", "0.2.0"), "~0.2.0")
    assert.equal(moved(">=0.1.0 <1.0.0", "0.2.0"), ">=0.2.0 <1.0.0")
    assert.equal(moved(">=0.1.0 <1.0.0", "1.4.0"), ">=1.4.0 <2.0.0")
  })

  it("breaks users with a major version, or a minor one below 1", () => {
    assert.ok(isBreaking("1.2.0", "2.0.0"))
    assert.ok(isBreaking("0.1.0", "0.2.0"))
    assert.ok(!isBreaking("1.1.0", "1.2.0"))
    assert.ok(!isBreaking("0.1.0", "0.1.1"))
  })
})
