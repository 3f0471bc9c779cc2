import assert from "node:assert/strict"
import { X509Certificate } from "node:crypto"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { verifyChain } from "./verify-chain.ts"

describe("verifyChain", () => {
  it("survives every change of a certificate, and believes none", async () => {
    const id = "spiffe://nsm.local/nsc"
    const { current } = await fixedIdentity({ id })
    const { svid, bundles } = current
    const [leaf] = svid.certificates
    const now = Date.now()
    assert.equal(verifyChain([leaf], { bundles, now }), id)
    const change = fc.tuple(fc.nat(leaf.raw.length - 1), fc.nat(255))
    fc.assert(
      fc.property(change, ([at, octet]) => {
        const changed = parsed(leaf.raw.with(at, octet))
        if (!changed || changed.raw.equals(leaf.raw)) return
        try {
          assert.fail(`believes it as ${verifyChain([changed], { bundles, now })}`)
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError, String(thrown))
          assert.match(thrown.reason, /^(IDENTITY_INVALID|PEER_NOT_TRUSTED)$/)
        }
      }),
    )
  })
})

function parsed(bytes: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}
