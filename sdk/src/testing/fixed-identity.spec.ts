import assert from "node:assert/strict"
import type { X509Certificate } from "node:crypto"
import { createAuthority } from "../authority/authority.ts"
import { type CertificateFault, fixedIdentity } from "./fixed-identity.ts"

const id = "spiffe://nsm.test/nsc"

describe("fixedIdentity", () => {
  it("is issued by an authority of the id's trust domain, which is believed", async () => {
    const { current, authority } = await fixedIdentity({ id })
    assert.equal(current.svid.id, id)
    assert.deepEqual(current.bundles, new Map([["nsm.test", authority.bundle]]))
  })

  it("believes joined trust domains, too", async () => {
    using other = await createAuthority({ trustDomain: "other.test" })
    const { current } = await fixedIdentity({ id, joined: [other] })
    assert.deepEqual(current.bundles.get("other.test"), other.bundle)
  })

  it("tells those who listen when it is renewed, and no longer", async () => {
    const source = await fixedIdentity({ id })
    const seen: string[] = []
    const serial = () => source.current.svid.certificates[0].serialNumber
    {
      using _listening = source.onChange(({ svid }) => seen.push(svid.certificates[0].serialNumber))
      await source.renew()
      assert.deepEqual(seen, [serial()])
    }
    await source.renew()
    assert.equal(seen.length, 1)
    assert.notEqual(seen[0], serial())
  })

  const faults: Record<CertificateFault, (leaf: Leaf) => boolean> = {
    expired: ({ leaf }) => leaf.validToDate.getTime() < Date.now(),
    "not yet valid": ({ leaf }) => leaf.validFromDate.getTime() > Date.now(),
    "two URIs": ({ leaf }) => leaf.subjectAltName === `URI:${id}, URI:${id}/other`,
    "no URI": ({ leaf }) => leaf.subjectAltName === undefined,
    "no SPIFFE id": ({ leaf }) => leaf.subjectAltName === "URI:https://example.org/a",
    "authority as leaf": ({ leaf }) => leaf.ca,
    "other key type": ({ leaf }) => leaf.publicKey.asymmetricKeyDetails?.namedCurve === "secp384r1",
    "stolen key": ({ fits }) => !fits,
  }
  for (const [fault, shows] of Object.entries(faults)) {
    it(`can be wrong: ${fault}`, async () => {
      const { current } = await fixedIdentity({ id, fault: fault as CertificateFault })
      const { certificates, privateKey } = current.svid
      const fits = certificates[0].checkPrivateKey(privateKey)
      assert.ok(shows({ leaf: certificates[0], fits }))
      assert.equal(fits, fault !== "stolen key")
    })
  }
})

interface Leaf {
  readonly leaf: X509Certificate
  readonly fits: boolean
}
