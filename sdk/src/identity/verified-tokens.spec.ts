import assert from "node:assert/strict"
import { X509Certificate } from "node:crypto"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../testing/fixed-identity.ts"
import { signedTokens } from "./signed-tokens.ts"
import { type TokenVerifier, verifiedTokens } from "./verified-tokens.ts"

const nsc = "spiffe://nsm.local/nsc"
const peer = { address: "nsmgr", id: "spiffe://nsm.local/nsmgr" }

describe("verifiedTokens", () => {
  let clock: FakeClock
  let source: FixedIdentity
  let verifier: TokenVerifier
  const certificate = (): X509Certificate => source.current.svid.certificates[0]
  const fresh = (lifetimeMs = 60_000): string =>
    signedTokens({ source, clock, lifetimeMs }).token(peer).token
  const isRefused = ({ reason, text, cause }: NsmError): boolean =>
    reason === "TOKEN_INVALID" && /is not signed with the key/.test(text) && cause === undefined

  beforeEach(async () => {
    clock = new FakeClock()
    source = await fixedIdentity({ id: nsc, clock })
    verifier = verifiedTokens({ clock, capacity: 2 })
  })

  it("says what a token says that is signed with the certificate's key", () => {
    assert.deepEqual(verifier.verify(fresh(), certificate()), {
      subject: nsc,
      audience: [peer.id],
      expiresAt: clock.now() + 60_000,
    })
  })

  it("refuses what somebody else signed, also when it has been verified for another", async () => {
    const other = await fixedIdentity({ id: nsc, clock })
    const token = fresh()
    verifier.verify(token, certificate())
    assert.throws(() => verifier.verify(token, other.current.svid.certificates[0]), isRefused)
  })

  it("refuses what was changed after it had been signed", () => {
    const [header, , signature] = fresh().split(".")
    const [, claims] = signedTokens({ source, clock }).token({ address: "nse" }).token.split(".")
    assert.throws(
      () => verifier.verify(`${header}.${claims}.${signature}`, certificate()),
      isRefused,
    )
  })

  it("refuses certificates whose keys sign no tokens", async () => {
    const authority = source.authority
    const wrong = await fixedIdentity({ id: nsc, clock, authority, fault: "other key type" })
    assert.throws(() => verifier.verify(fresh(), wrong.current.svid.certificates[0]), isRefused)
  })

  it("refuses what is no token, and says so", () => {
    assert.throws(
      () => verifier.verify("a.b.c", certificate()),
      ({ reason, text }: NsmError) => reason === "TOKEN_INVALID" && /header/.test(text),
    )
  })

  it("leaves the end of a token to policies", () => {
    const { expiresAt } = verifier.verify(fresh(-60_000), certificate())
    assert.equal(expiresAt, clock.now() - 60_000)
  })

  /** What is remembered is answered as the same object. */
  const isRemembered = (token: string): boolean =>
    verifier.verify(token, certificate()) === verifier.verify(token, certificate())

  it("remembers a token until it ends", async () => {
    const token = fresh()
    const first = verifier.verify(token, certificate())
    await clock.advance(59_999)
    assert.equal(verifier.verify(token, certificate()), first)
    await clock.advance(1)
    assert.notEqual(verifier.verify(token, certificate()), first)
    assert.ok(!isRemembered(token))
  })

  it("remembers it for a certificate, however it was received", () => {
    const token = fresh()
    const first = verifier.verify(token, certificate())
    assert.equal(verifier.verify(token, new X509Certificate(certificate().raw)), first)
  })

  it("forgets the oldest when there are too many", () => {
    const [first, second, third] = [fresh(1000), fresh(2000), fresh(3000)]
    const remembered = verifier.verify(second, certificate())
    verifier.verify(first, certificate())
    verifier.verify(third, certificate())
    const kept = verifier.verify(third, certificate())
    assert.notEqual(verifier.verify(second, certificate()), remembered)
    assert.equal(verifier.verify(third, certificate()), kept)
  })

  it("survives every change of a token, and believes none", () => {
    const token = fresh()
    const claims = verifier.verify(token, certificate())
    const change = fc.tuple(fc.nat(token.length - 1), fc.string({ maxLength: 3 }))
    fc.assert(
      fc.property(change, ([at, put]) => {
        const changed = token.slice(0, at) + put + token.slice(at + put.length)
        try {
          // The last character of a signature has bits that mean nothing.
          assert.deepEqual(verifier.verify(changed, certificate()), claims)
          assert.equal(changed.slice(0, -1), token.slice(0, -1))
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError && thrown.reason === "TOKEN_INVALID", String(thrown))
        }
      }),
    )
  })
})
