import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { joinCertificates, splitCertificates } from "./der.ts"

describe("certificates as DER", () => {
  it("are read as they were written", async () => {
    const { authority, current } = await fixedIdentity({ id: "spiffe://nsm.local/a" })
    const all = [...current.svid.certificates, ...authority.bundle]
    assert.deepEqual(
      splitCertificates(joinCertificates(all), "they").map(({ fingerprint256 }) => fingerprint256),
      all.map(({ fingerprint256 }) => fingerprint256),
    )
  })

  it("survive everything, cut and changed ones too", async () => {
    const { authority, current } = await fixedIdentity({ id: "spiffe://nsm.local/a" })
    const right = joinCertificates([...current.svid.certificates, ...authority.bundle])
    const changed = fc
      .tuple(fc.nat(right.length - 1), fc.nat(255), fc.nat(right.length))
      .map(([at, octet, end]) => right.with(at, octet).subarray(0, end))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (bytes) => {
        try {
          splitCertificates(bytes, "they")
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError, String(thrown))
          assert.equal(thrown.reason, "IDENTITY_INVALID")
        }
      }),
    )
  })
})
