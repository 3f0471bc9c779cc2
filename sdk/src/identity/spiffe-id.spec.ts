import assert from "node:assert/strict"
import { NsmError } from "../core/errors.ts"
import { isTrustDomain, parseSpiffeId } from "./spiffe-id.ts"

describe("parseSpiffeId", () => {
  it("gives the trust domain and the path", () => {
    assert.deepEqual(parseSpiffeId("spiffe://nsm.local/ns/a_b/Nsc-1.0"), {
      trustDomain: "nsm.local",
      path: "/ns/a_b/Nsc-1.0",
    })
  })

  it("takes a trust domain alone", () => {
    assert.deepEqual(parseSpiffeId("spiffe://nsm.local"), { trustDomain: "nsm.local", path: "" })
  })

  const wrong = [
    "",
    "https://nsm.local/a",
    "spiffe:///a",
    "spiffe://NSM.local/a",
    "spiffe://user@nsm.local/a",
    "spiffe://nsm.local:80/a",
    "spiffe://nsm.local/",
    "spiffe://nsm.local/a/",
    "spiffe://nsm.local//a",
    "spiffe://nsm.local/a/../b",
    "spiffe://nsm.local/./a",
    "spiffe://nsm.local/a b",
    "spiffe://nsm.local/ä",
    "spiffe://nsm.local/a?b",
    "spiffe://nsm.local/a#b",
    "spiffe://nsm.local/a\n",
    `spiffe://nsm.local/${"a".repeat(2048)}`,
  ]
  for (const id of wrong) {
    it(`refuses ${JSON.stringify(id.slice(0, 40))}`, () => {
      assert.throws(
        () => parseSpiffeId(id),
        (thrown) => thrown instanceof NsmError && thrown.reason === "INVALID_REQUEST",
      )
    })
  }
})

describe("isTrustDomain", () => {
  it("takes names in lower case, and nothing longer than 255", () => {
    assert.ok(isTrustDomain("a-1.b_2"))
    assert.ok(!isTrustDomain("A"))
    assert.ok(!isTrustDomain(""))
    assert.ok(!isTrustDomain("a".repeat(256)))
  })
})
