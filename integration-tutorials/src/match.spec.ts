import assert from "node:assert/strict"
import { difference } from "./match.ts"

const fits: readonly (readonly [what: string, expected: string, actual: string])[] = [
  ["the same", "a\nb\n", "a\nb\n"],
  ["an end without a line break", "a", "a\n"],
  ["what varies in a line", "rtt … ms", "rtt 0.07 ms"],
  ["nothing where something may vary", "[…]", "[]"],
  ["what varies several times in a line", "… > …/32", "10.0.0.1 > 10.0.0.0/32"],
  ["any lines", "a\n…\nz", "a\nb\nc\nz"],
  ["no lines", "a\n…\nz", "a\nz"],
  ["any lines at the end", "a\n…", "a\nb"],
  ["columns of another width", "NAME  MTU\nx     9000", "NAME   MTU\nx      9000"],
  ["signs that mean something in patterns", "a+b (c) [d] $e", "a+b (c) [d] $e"],
]

const differs: readonly (readonly [
  what: string,
  expected: string,
  actual: string,
  says: RegExp,
])[] = [
  ["another line", "a\nb\nc", "a\nx\nc", /no line as expected: b\n/],
  ["a line too few", "a\nb", "a", /no line as expected: b\n/],
  ["a line too many", "a", "a\nb", /^more than expected/],
  ["a wildcard that does not cover lines", "a … z", "a\nz", /no line as expected: a … z/],
  ["another end", "a\n…\nz", "a\nb\ny", /no line as expected: z/],
  ["a sign of a pattern taken literally", "a.c", "abc", /no line as expected: a\.c/],
]

describe("the match of an output", () => {
  for (const [what, expected, actual] of fits) {
    it(`takes ${what}`, () => assert.equal(difference(expected, actual), undefined))
  }
  for (const [what, expected, actual, says] of differs) {
    it(`finds ${what}`, () => assert.match(difference(expected, actual) ?? "", says))
  }
  it("shows both sides", () => {
    assert.match(difference("a\n", "b\n") ?? "", /expected:\n {2}a\n\nfound:\n {2}b$/)
  })
})
