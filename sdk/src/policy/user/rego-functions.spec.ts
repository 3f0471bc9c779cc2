import assert from "node:assert/strict"
import type { X509Certificate } from "node:crypto"
import { FakeClock } from "../../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../../testing/fixed-identity.ts"
import { jwt } from "../../testing/jwt.ts"
import { regoFunctions } from "./rego-functions.ts"

const id = "spiffe://nsm.local/nsc"

describe("functions of Rego", () => {
  const clock = new FakeClock()
  let identity: FixedIdentity
  let root: X509Certificate
  let call: (name: string, ...args: readonly unknown[]) => unknown
  let byPeer: string[]

  before(async () => {
    identity = await fixedIdentity({ id, clock })
    const [first] = identity.authority.bundle
    assert.ok(first)
    root = first
    byPeer = []
    const functions = regoFunctions(() => ({
      input: { auth_info: { certificate: "the peer's" } },
      now: clock.now(),
      signal: new AbortController().signal,
      claims: () => undefined,
      isSignedByPeer: (token) => byPeer.push(token) > 0,
    }))
    call = (name, ...args) => functions[name]?.(...args)
  })

  const leaf = (): X509Certificate => identity.current.svid.certificates[0]

  it("tell the time of the question", () => {
    assert.equal(call("time.now_ns"), clock.now() * 1e6)
  })

  it("decode tokens", () => {
    const token = jwt({ sub: "a" })
    const header = { alg: "ES256", typ: "JWT" }
    assert.deepEqual(call("io.jwt.decode", token), [header, { sub: "a" }, "00".repeat(64)])
    for (const wrong of ["", "a.b.c", 7, undefined]) {
      assert.equal(call("io.jwt.decode", wrong), undefined)
    }
  })

  it("verify tokens against any certificate, and once for all against the peer's", () => {
    const { privateKey: key } = identity.current.svid
    const token = jwt({ sub: id, aud: ["x"], exp: clock.now() }, { key })
    assert.equal(call("io.jwt.verify_es256", token, leaf().toString()), true)
    assert.equal(call("io.jwt.verify_es256", jwt({ sub: id }), leaf().toString()), false)
    assert.equal(call("io.jwt.verify_es256", token, "no certificate"), false)
    assert.equal(call("io.jwt.verify_es256", token, "the peer's"), true)
    assert.deepEqual(byPeer, [token])
  })

  it("describe certificates", () => {
    const texts = [leaf().toString(), leaf().raw.toString("base64")]
    for (const text of texts) {
      const [described] = call("crypto.x509.parse_certificates", text) as Record<string, unknown>[]
      assert.deepEqual(described?.["URIStrings"], [id])
      assert.deepEqual(described["URIs"], [{ Scheme: "spiffe", Host: "nsm.local", Path: "/nsc" }])
      assert.equal(described["IsCA"], false)
      assert.equal(described["NotAfter"], leaf().validToDate.toISOString())
    }
    assert.equal(call("crypto.x509.parse_certificates", "none"), undefined)
  })

  it("prove chains from a root to a leaf", async () => {
    const verify = (...chain: readonly X509Certificate[]): unknown => {
      const answer = call("crypto.x509.parse_and_verify_certificates", chain.join("\n"))
      return (answer as [boolean, { URIStrings: string[] }[]])[0]
    }
    const stranger = await fixedIdentity({ id, clock })
    assert.equal(verify(root, leaf()), true)
    assert.equal(verify(root, stranger.current.svid.certificates[0]), false)
    assert.equal(verify(leaf(), root), false)
    assert.equal(verify(leaf(), leaf()), false)
    assert.equal(verify(root), false)
    const { authority } = identity
    const late = await fixedIdentity({ id, clock, authority, fault: "expired" })
    assert.equal(verify(root, late.current.svid.certificates[0]), false)
    const [, chain] = call(
      "crypto.x509.parse_and_verify_certificates",
      `${root.toString()}${leaf().toString()}`,
    ) as [boolean, { URIStrings: string[] }[]]
    assert.deepEqual(chain[0]?.URIStrings, [id], "the leaf comes first")
  })
})
