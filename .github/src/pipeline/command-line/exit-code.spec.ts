import assert from "node:assert/strict"
import { type Reason, reasons } from "../reasons.ts"
import { exitCode, exitCodes, exitMeanings } from "./exit-code.ts"

const all = Object.keys(reasons) as Reason[]

/** The reasons whose exit status says more than that something failed. */
const known: Readonly<Record<number, readonly Reason[]>> = {
  // What is named on the command line and is not there, or is there already.
  2: [...all.filter((reason) => reason.endsWith("_UNKNOWN")), "TARGET_TAKEN"],
  3: ["FORGE_UNREACHABLE", "REGISTRY_UNREACHABLE"],
  5: ["TIMED_OUT"],
  130: ["INTERRUPTED"],
}

describe("the exit status", () => {
  for (const reason of all) {
    const [code = "1"] = Object.entries(known).find(([, some]) => some.includes(reason)) ?? []
    it(`is ${code} for ${reason}`, () => assert.equal(exitCode(reason), Number(code)))
  }

  it("is 1 for what nobody has thought of", () => assert.equal(exitCode(undefined), 1))

  it("is said in words for every code", () => {
    assert.deepEqual(Object.keys(exitMeanings), Object.keys(exitCodes))
  })
})
