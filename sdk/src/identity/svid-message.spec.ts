import assert from "node:assert/strict"
import { generateKeyPairSync, type X509Certificate } from "node:crypto"
import { clone, create } from "@bufbuild/protobuf"
import { type X509SvidResponse, X509SvidResponseSchema } from "@nsm/api"
import { createAuthority } from "../authority/authority.ts"
import { NsmError } from "../core/errors.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { decodeIdentity, encodeBundles, encodeIdentity } from "./svid-message.ts"

const id = "spiffe://nsm.test/nsc"

describe("an identity on the wire", () => {
  let right: X509SvidResponse

  before(async () => {
    using joined = await createAuthority({ trustDomain: "other.test" })
    right = encodeIdentity((await fixedIdentity({ id, joined: [joined] })).current)
  })

  it("comes back as it was", async () => {
    using joined = await createAuthority({ trustDomain: "other.test" })
    const { current } = await fixedIdentity({ id, joined: [joined] })
    const { svid, bundles } = decodeIdentity(encodeIdentity(current))
    assert.equal(svid.id, id)
    assert.deepEqual(prints(svid.certificates), prints(current.svid.certificates))
    assert.ok(svid.privateKey.equals(current.svid.privateKey))
    assert.equal(svid.expiresAt, current.svid.expiresAt)
    for (const domain of ["nsm.test", "other.test"]) {
      assert.deepEqual(prints(bundles.get(domain)), prints(current.bundles.get(domain)))
    }
  })

  it("has certificates one behind the other, roots apart, domains as ids", async () => {
    const { current, authority } = await fixedIdentity({ id })
    const [leaf] = current.svid.certificates
    const [root] = authority.bundle
    assert.ok(root)
    const svid = { ...current.svid, certificates: [leaf, root] as const }
    const sent = encodeIdentity({ svid, bundles: current.bundles })
    assert.deepEqual(sent.svids[0]?.x509Svid, Buffer.concat([leaf.raw, root.raw]))
    assert.deepEqual(sent.svids[0]?.bundle, root.raw)
    assert.deepEqual(prints(decodeIdentity(sent).svid.certificates), prints([leaf, root]))
    assert.deepEqual(encodeBundles(current.bundles).bundles, { "spiffe://nsm.test": root.raw })
    assert.deepEqual(Object.keys(right.federatedBundles), ["spiffe://other.test"])
  })

  it("may name joined domains without a scheme", () => {
    const { federatedBundles } = right
    const plain = { "other.test": federatedBundles["spiffe://other.test"] ?? new Uint8Array() }
    const { bundles } = decodeIdentity({ ...right, federatedBundles: plain })
    assert.equal(bundles.get("other.test")?.length, 1)
  })

  it("counts the first of several", () => {
    const { svids } = right
    const other = svids.map((svid) => ({ ...svid, spiffeId: "spiffe://nsm.test/other" }))
    assert.equal(decodeIdentity({ ...right, svids: [...svids, ...other] }).svid.id, id)
  })

  const key = (namedCurve: string) =>
    generateKeyPairSync("ec", { namedCurve }).privateKey.export({ type: "pkcs8", format: "der" })
  const wrong: Record<string, [change: (svid: Svid) => void, text: RegExp]> = {
    "an id that is none": [(svid) => (svid.spiffeId = "nsc"), /no SPIFFE id/],
    "another's id": [
      (svid) => (svid.spiffeId = "spiffe://nsm.test/nse"),
      /certificate for spiffe:\/\/nsm.test\/nse names spiffe:\/\/nsm.test\/nsc/,
    ],
    "no certificate": [(svid) => (svid.x509Svid = new Uint8Array()), /no certificate for/],
    "half a certificate": [
      (svid) => (svid.x509Svid = svid.x509Svid.subarray(0, 100)),
      /certificates of spiffe.* are no certificates/,
    ],
    "a length without end": [
      (svid) => (svid.x509Svid = Uint8Array.of(0x30, 0x84, 0xff)),
      /are no certificates/,
    ],
    "bytes that are no certificate": [
      (svid) => (svid.bundle = Uint8Array.of(0x30, 0x01, 0x00)),
      /roots of nsm.test are no certificates/,
    ],
    "no root": [(svid) => (svid.bundle = new Uint8Array()), /no root of nsm.test/],
    "no key": [(svid) => (svid.x509SvidKey = new Uint8Array()), /not PKCS#8/],
    "another key": [(svid) => (svid.x509SvidKey = key("P-256")), /do not belong together/],
  }
  for (const [what, [change, text]] of Object.entries(wrong)) {
    it(`is refused with ${what}`, () => {
      const message = clone(X509SvidResponseSchema, right)
      const [svid] = message.svids
      assert.ok(svid)
      change(svid)
      assert.throws(() => decodeIdentity(message), text)
    })
  }

  it("is refused with a key that cannot sign tokens", async () => {
    const { current } = await fixedIdentity({ id, fault: "other key type" })
    assert.throws(() => decodeIdentity(encodeIdentity(current)), /not EC P-256/)
  })

  it("is refused with two ids", async () => {
    const { current } = await fixedIdentity({ id, fault: "two URIs" })
    assert.throws(
      () => decodeIdentity(encodeIdentity(current)),
      (thrown) => thrown instanceof NsmError && thrown.reason === "IDENTITY_INVALID",
    )
  })

  it("is refused when there is none", () => {
    assert.throws(() => decodeIdentity(create(X509SvidResponseSchema)), /has no identity/)
  })
})

function prints(certificates: readonly X509Certificate[] = []): readonly string[] {
  assert.ok(certificates.length > 0)
  return certificates.map(({ fingerprint256 }) => fingerprint256)
}

type Svid = X509SvidResponse["svids"][number]
