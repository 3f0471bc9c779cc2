import assert from "node:assert/strict"
import { outwardLinks } from "./links.ts"

const suite = "https://example.org/suite"
const there = (text: string, file = "README.md", web: string | undefined = suite): string =>
  outwardLinks(text, { folder: "cmd-nsc", file, suite: web })

describe("links out of a folder", () => {
  it("lead to the suite on the web", () => {
    assert.equal(
      there("see [heal](../sdk/src/heal/README.md#when) and [the sdk](../sdk)."),
      `see [heal](${suite}/blob/main/sdk/src/heal/README.md#when) and [the sdk](${suite}/blob/main/sdk).`,
    )
    assert.equal(there("[a](../../b.md)", "docs/x.md"), `[a](${suite}/blob/main/b.md)`)
    assert.equal(there("[root](..)"), `[root](${suite}/blob/main)`)
  })

  it("are no links where nobody knows the suite's address", () => {
    const text = outwardLinks("[heal](../sdk/heal.md#a).", { folder: "cmd-nsc", file: "README.md" })
    assert.equal(text, "heal (`sdk/heal.md` of the suite).")
  })

  it("are left as they are inside the folder, and elsewhere", () => {
    const inside =
      "[a](docs/a.md) [b](../cmd-nsc/docs/b.md) [c](#c) [d](https://x.org/../d) [e](/e)"
    assert.equal(there(inside), inside)
    assert.equal(there("[a](../README.md)", "docs/x.md"), "[a](../README.md)")
    assert.equal(there("[beyond the suite](../../x.md)"), "[beyond the suite](../../x.md)")
  })
})
