import assert from "node:assert/strict"
import { checkLinkName } from "./link-name.ts"

describe("checkLinkName", () => {
  for (const name of ["a", "nsm-1", "eth0.5", "fifteen-letters", "ähm", "..."]) {
    it(`takes ${name}`, () => assert.doesNotThrow(() => checkLinkName(name)))
  }

  for (const [name, why] of [
    ["", /"": it is empty/],
    ["sixteen-letters!", /16 bytes, at most 15/],
    ["ääääääää", /16 bytes/],
    [".", /stands for a folder/],
    ["..", /stands for a folder/],
    ["a/b", /"\/" must not be in it/],
    ["a b", /" " must not/],
    ["a\tb", /"\\t" must not/],
    ["a\0b", /"\\u0000" must not/],
    ["eth0:1", /":" must not/],
    ["veth%d", /"%" must not/],
  ] as const) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => checkLinkName(name), { reason: "INTERFACE_NAME_INVALID", message: why })
    })
  }
})
