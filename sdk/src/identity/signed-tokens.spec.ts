import assert from "node:assert/strict"
import { generateKeyPairSync, verify } from "node:crypto"
import type { Peer } from "../core/call.ts"
import { systemClock } from "../core/clock.ts"
import { type FixedIdentity, fixedIdentity } from "../testing/fixed-identity.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { signedTokens } from "./signed-tokens.ts"

const nsc = "spiffe://nsm.local/nsc"
const nsmgr = "spiffe://nsm.local/nsmgr"

/** The parts of a token as they are on the wire. */
function read(token: string): { header: unknown; claims: { exp: number }; isSignedBy: Signed } {
  const [header = "", claims = "", signature = ""] = token.split(".")
  const json = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString())
  return {
    header: json(header),
    claims: json(claims) as { exp: number },
    isSignedBy: (key) =>
      verify(
        "sha256",
        Buffer.from(`${header}.${claims}`),
        { key: key.current.svid.certificates[0].publicKey, dsaEncoding: "ieee-p1363" },
        Buffer.from(signature, "base64url"),
      ),
  }
}
type Signed = (identity: FixedIdentity) => boolean

describe("signedTokens", () => {
  let clock: FakeClock
  let source: FixedIdentity
  let peer: Peer

  beforeEach(async () => {
    clock = new FakeClock()
    source = await fixedIdentity({ id: nsc, clock })
    peer = { address: "nsmgr", id: nsmgr }
  })

  it("says who asks whom until when, and nothing else", () => {
    const { token, expiresAt } = signedTokens({ source, clock }).token(peer)
    const { header, claims, isSignedBy } = read(token)
    assert.deepEqual(header, { alg: "ES256", typ: "JWT" })
    assert.deepEqual(claims, { sub: nsc, aud: [nsmgr], exp: clock.now() / 1000 + 600 })
    assert.equal(expiresAt, clock.now() + 600_000)
    assert.ok(isSignedBy(source))
  })

  it("names nobody when the peer has shown no id", () => {
    for (const unknown of [undefined, { address: "somewhere" }]) {
      const { claims } = read(signedTokens({ source, clock }).token(unknown).token)
      assert.deepEqual(Object.keys(claims), ["sub", "exp"])
    }
  })

  it("ends with the own certificate at the latest, in whole seconds", async () => {
    const { svid } = source.current
    const tokens = signedTokens({ source, clock, lifetimeMs: 24 * 3_600_000 })
    await clock.advance(1)
    const { token, expiresAt } = tokens.token(peer)
    assert.equal(read(token).claims.exp * 1000, svid.expiresAt)
    assert.equal(expiresAt, svid.expiresAt)
    const short = signedTokens({ source, clock, lifetimeMs: 1500 }).token(peer)
    assert.equal(short.expiresAt, clock.now() - 1 + 1000)
    assert.equal(read(short.token).claims.exp * 1000, short.expiresAt)
  })

  it("reports an end no later than that of the peer's certificate, which the token does not say", async () => {
    const sooner = new FakeClock(clock.now() - 3_600_000 + 60_000)
    const other = await fixedIdentity({ id: nsmgr, clock: sooner })
    const [certificate] = other.current.svid.certificates
    const { token, expiresAt } = signedTokens({ source, clock }).token({ ...peer, certificate })
    assert.equal(expiresAt, clock.now() + 60_000)
    assert.equal(read(token).claims.exp * 1000, clock.now() + 600_000)
  })

  it("makes tokens that have ended when told to", () => {
    const { expiresAt } = signedTokens({ source, clock, lifetimeMs: -60_000 }).token(peer)
    assert.equal(expiresAt, clock.now() - 60_000)
  })

  it("gives a peer the same token for a second, and others their own", async () => {
    const tokens = signedTokens({ source, clock })
    const { token: first } = tokens.token(peer)
    assert.notEqual(tokens.token({ address: "nse", id: "spiffe://nsm.local/nse" }).token, first)
    await clock.advance(999)
    assert.equal(tokens.token({ ...peer }).token, first)
    await clock.advance(1)
    assert.notEqual(tokens.token(peer).token, first)
  })

  it("makes anew what the clock, set back, could not end in time", () => {
    let now = clock.now()
    const tokens = signedTokens({ source, clock: { ...systemClock, now: () => now } })
    const { expiresAt } = tokens.token(peer)
    now -= 3_000_000
    assert.equal(tokens.token(peer).expiresAt, expiresAt - 3_000_000)
  })

  it("signs with the identity of now, or the one that the peer was shown", async () => {
    const tokens = signedTokens({ source, clock })
    const before = source.current
    tokens.token(peer)
    await source.renew()
    assert.ok(read(tokens.token(peer).token).isSignedBy(source))
    const shown = tokens.token({ ...peer, shown: before.svid.certificates[0] }).token
    assert.ok(!read(shown).isSignedBy(source))
    source.set(before)
    assert.ok(read(shown).isSignedBy(source))
  })

  it("signs with one that a peer was shown, but that signed nothing while it was current", async () => {
    const tokens = signedTokens({ source, clock })
    const first = source.current
    await source.renew()
    const second = source.current
    await source.renew()
    for (const earlier of [first, second]) {
      const { token } = tokens.token({ ...peer, shown: earlier.svid.certificates[0] })
      source.set(earlier)
      assert.ok(read(token).isSignedBy(source))
    }
  })

  it("stays small however many peers there are", () => {
    const tokens = signedTokens({ source, clock })
    const [first, ...more] = Array.from({ length: 1025 }, (_, at) => ({
      ...peer,
      id: `${nsc}${at}`,
    }))
    assert.ok(first)
    const { token } = tokens.token(first)
    for (const each of more) tokens.token(each)
    assert.notEqual(tokens.token(first).token, token)
  })

  it("says so when the key is not made for it, and does not show it", () => {
    for (const curve of ["P-384", "secp256k1"]) {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve })
      const { svid, bundles } = source.current
      const wrong = { ...source, current: { svid: { ...svid, privateKey }, bundles } }
      assert.throws(() => signedTokens({ source: wrong, clock }).token(peer), {
        reason: "IDENTITY_INVALID",
        text: `the key of ${nsc} cannot sign tokens, it is ec`,
      })
    }
  })
})
