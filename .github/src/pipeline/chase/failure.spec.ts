import assert from "node:assert/strict"
import { tmpdir } from "node:os"
import { failureIn } from "./failure.ts"

const place = `${tmpdir()}/nsm-alone-a1/builds/0123456789abcdef`

const mocha = `CHECK_FAILED: npm test: > mocha

  outer
    ✔ works
    1) is red
    2) is red too

  1 passing (9ms)
  2 failing

  1) outer
       is red:
     Error: seen
      at Context.<anonymous> (file://${place}/src/a.spec.ts:2:90)
      at process.processImmediate (node:internal/timers:574:21)

  2) outer
       is red too:
     Error: y
`

describe("the failure in what was said", () => {
  it("is the first failing test", () => {
    assert.deepEqual(failureIn(mocha), {
      title: "outer is red",
      part: [
        "  1) outer",
        "       is red:",
        "     Error: seen",
        "      at Context.<anonymous> (src/a.spec.ts:2:90)",
      ].join("\n"),
    })
  })

  it("is the first line that the compiler refuses, with or without colours", () => {
    const plain = `CHECK_FAILED: npm run build: \n> tsc -b\n\nsrc/a.ts(1,2): error TS2305: No member 'fresh'.\nmore\n`
    assert.deepEqual(failureIn(plain), {
      title: "src/a.ts(1,2): error TS2305: No member 'fresh'.",
      part: "src/a.ts(1,2): error TS2305: No member 'fresh'.\nmore",
    })
    const red = "\u001B[96msrc/a.ts\u001B[0m:1:14 - \u001B[91merror\u001B[0m TS2322: \u001B[0mNo."
    assert.equal(failureIn(red).title, "src/a.ts:1:14 - error TS2322: No.")
  })

  it("is what npm ls finds invalid", () => {
    const log = `npm error code ELSPROBLEMS\nnpm error invalid: @nsm/api@0.1.0 ${place}/node_modules/@nsm/api\nnpm error A complete log`
    assert.deepEqual(failureIn(log), {
      title: "invalid: @nsm/api@0.1.0 node_modules/@nsm/api",
      part: "npm error invalid: @nsm/api@0.1.0 node_modules/@nsm/api",
    })
  })

  it("is an error that was thrown, with what Node shows around it", () => {
    const log = `one\ntwo\n\n${place}/test.js:1\nthrow new Error("no")\n^\n\nTypeError: no\n    at ${place}/test.js:1:7\n    at node:internal/vm:209:10\n`
    const { title, part } = failureIn(log)
    assert.equal(title, "TypeError: no")
    assert.match(
      part,
      /^test\.js:1\nthrow new Error\("no"\)\n\^\n\nTypeError: no\n {4}at test\.js:1:7$/,
    )
  })

  it("is what was said last where nothing is known of it", () => {
    assert.deepEqual(failureIn("a\nb\n\n"), { title: "b", part: "a\nb" })
    assert.equal(failureIn("").title, "nothing was said")
  })

  it("stays short", () => {
    const long = "x".repeat(10_000)
    const { title, part } = failureIn(`Error: ${long}\n${`${long}\n`.repeat(1000)}`)
    assert.ok(title.length < 300)
    assert.ok(part.length < 5010)
  })
})
