import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { formatPem, parsePem } from "./pem.ts"

describe("certificates as PEM", () => {
  it("are read as they were written, whatever stands between them", async () => {
    const { authority, current } = await fixedIdentity({ id: "spiffe://nsm.local/a" })
    const [leaf] = current.svid.certificates
    const written = formatPem([leaf, ...authority.bundle])
    const text = `leaf:\n${written.replaceAll("-----END CERTIFICATE-----\n", "$&next:\n")}`
    assert.deepEqual(
      parsePem(text, "it").map(({ fingerprint256 }) => fingerprint256),
      [leaf, ...authority.bundle].map(({ fingerprint256 }) => fingerprint256),
    )
  })

  it("may be none", () => assert.deepEqual(parsePem("", "it"), []))

  it("survive everything", () => {
    const block = fc
      .oneof(fc.base64String(), fc.string())
      .map((text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`)
    fc.assert(
      fc.property(fc.array(fc.oneof(block, fc.string({ unit: "binary" }))), (parts) => {
        try {
          assert.deepEqual(parsePem(parts.join(""), "it"), [])
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError, String(thrown))
          assert.equal(thrown.reason, "IDENTITY_INVALID")
        }
      }),
    )
  })
})
