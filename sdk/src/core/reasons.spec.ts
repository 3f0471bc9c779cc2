import assert from "node:assert/strict"
import { assertPrinted } from "../testing/document.ts"
import { codeNumbers } from "./errors.ts"
import { reasons } from "./reasons.ts"

const entries = Object.entries(reasons)

/** The catalogue of errors, with an anchor for each reason. */
function catalogue(): string {
  return [
    "# Errors",
    "Every error of the suite is one of these. The name is stable: programs compare it, searches and links lead here. The message says what was wrong and where: the process and the chain element in which the error arose, and what led to it.",
    ...entries.flatMap(([reason, [code, summary, remedy]]) => [
      `## ${reason}`,
      `${summary} On the wire: gRPC status \`${code}\`.`,
      `What to do: ${remedy}`,
    ]),
  ].join("\n\n")
}

describe("the reasons", () => {
  it("are listed in docs/errors.md", () => {
    const file = new URL("../../docs/errors.md", import.meta.url)
    assertPrinted({ file, text: catalogue() })
  })

  for (const [reason, [code, summary, remedy]] of entries) {
    it(`say of ${reason} what it means and what to do, in whole sentences`, () => {
      assert.match(reason, /^[A-Z]+(_[A-Z]+)*$/)
      assert.ok(Object.hasOwn(codeNumbers, code), `${code} is no gRPC status`)
      for (const text of [summary, remedy]) assert.match(text, /^[A-Z].*\.$/)
    })
  }
})
