import assert from "node:assert/strict"
import { formatPrefix } from "../../tools/prefix.ts"
import { parseCidrGroups } from "./cidr-groups.ts"

describe("parseCidrGroups", () => {
  const good: readonly (readonly [text: string, groups: readonly (readonly string[])[]])[] = [
    ["10.0.0.0/24", [["10.0.0.0/24"]]],
    ["10.0.0.1/24,fd00::/64", [["10.0.0.0/24"], ["fd00::/64"]]],
    ["[10.0.0.0/24,10.0.1.0/24]", [["10.0.0.0/24", "10.0.1.0/24"]]],
    [
      " [ 10.0.0.0/24 , 10.0.1.0/24 ] , fd00::/64,[fd01::/64]",
      [["10.0.0.0/24", "10.0.1.0/24"], ["fd00::/64"], ["fd01::/64"]],
    ],
  ]
  for (const [text, groups] of good) {
    it(`reads ${text}`, () => {
      assert.deepEqual(
        parseCidrGroups(text).map((group) => group.map(formatPrefix)),
        groups,
      )
    })
  }

  for (const text of [
    "",
    ",",
    "10.0.0.0/24,",
    "[10.0.0.0/24",
    "10.0.0.0/24]",
    "[[10.0.0.0/24]]",
    "[]",
    "[10.0.0.0/24,]",
    "10.0.0.0/24 fd00::/64",
    "[10.0.0.0/24]x",
    "10.0.0.0",
    "10.0.0.0/33",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseCidrGroups(text), { reason: "INVALID_CONFIGURATION" })
    })
  }
})
