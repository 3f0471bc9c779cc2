import assert from "node:assert/strict"
import type { X509Certificate } from "node:crypto"
import { makeCertificate } from "../authority/certificate.ts"
import { newKey } from "../authority/issuer.ts"
import { NsmError } from "../core/errors.ts"
import { svidId } from "./svid-id.ts"

describe("svidId", () => {
  it("is the one URI of a leaf", async () => {
    assert.equal(svidId(await naming("spiffe://nsm.test/nsc")), "spiffe://nsm.test/nsc")
  })

  it("stands beside names of other kinds", () => {
    const subjectAltName = "DNS:a.example, URI:spiffe://nsm.test/nsc, IP Address:192.0.2.1"
    assert.equal(svidId({ subjectAltName, ca: false } as X509Certificate), "spiffe://nsm.test/nsc")
  })

  it("is not read out of another name", () => {
    const subjectAltName = 'DNS:"a, URI:spiffe://nsm.test/nsc"'
    assert.throws(() => svidId({ subjectAltName, ca: false } as X509Certificate), /with 0 URIs/)
  })

  for (const id of [
    "spiffe://nsm.test",
    "spiffe://nsm.test/",
    "spiffe://NSM.test/nsc",
    "spiffe://nsm.test/nsc?admin",
    "spiffe://nsm.test/a, URI:spiffe://nsm.test/b",
  ]) {
    it(`is not ${id}`, async () => {
      const certificate = await naming(id)
      assert.throws(
        () => svidId(certificate),
        (thrown) => thrown instanceof NsmError && thrown.reason === "IDENTITY_INVALID",
      )
    })
  }
})

async function naming(uri: string): Promise<X509Certificate> {
  const now = Date.now()
  const [notBefore, notAfter] = [now, now + 1000]
  const { publicKey, privateKey } = newKey()
  const name = { name: "workload", uris: [uri], isAuthority: false }
  return await makeCertificate({ publicKey, ...name, notBefore, notAfter }, { privateKey })
}
