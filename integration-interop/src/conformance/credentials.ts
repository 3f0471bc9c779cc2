import type { KeyObject, X509Certificate } from "node:crypto"
import type { Identity } from "@nsm/sdk"

/** An identity in the forms that TLS libraries take. */
export interface Credentials {
  readonly id: string
  readonly leaf: X509Certificate
  readonly key: KeyObject
  readonly keyPem: string
  /** The leaf and what leads from it to a root. */
  readonly chainPem: string
  /** The roots of all domains that it believes. */
  readonly rootsPem: string
}

/** Brings an identity into those forms. */
export function credentialsOf({ svid, bundles }: Identity): Credentials {
  const { id, certificates, privateKey: key } = svid
  return {
    id,
    key,
    leaf: certificates[0],
    keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
    chainPem: certificates.map(String).join(""),
    rootsPem: [...bundles.values()].flat().map(String).join(""),
  }
}

/** The URIs in a certificate's alternative names; one, in a certificate that is right. */
export function urisOf({ subjectAltName = "" }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/URI:([^,]+)/g)].map(([, uri = ""]) => uri)
}
