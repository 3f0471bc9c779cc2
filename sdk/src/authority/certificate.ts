import { type KeyObject, randomBytes, type webcrypto, X509Certificate } from "node:crypto"
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  ReadCertificate,
  X509CertificateGenerator,
} from "./x509.ts"

/** What signs certificates: a certificate authority's certificate, and its EC P-256 key. */
export interface Signer {
  readonly certificate: X509Certificate
  readonly privateKey: KeyObject
}

/** What a certificate says. */
export interface CertificateContents {
  readonly publicKey: KeyObject
  /** Common name of whom it is about. */
  readonly name: string
  /** URIs among the subject's alternative names; exactly one in an X.509-SVID. */
  readonly uris: readonly string[]
  /** Whether it may sign other certificates; one that may, is nobody's own. */
  readonly isAuthority: boolean
  /** How many authorities may stand below this one. @default any number */
  readonly pathLength?: number
  /** Milliseconds since 1970-01-01T00:00:00Z; certificates count whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
}

const { keyCertSign, cRLSign, digitalSignature: workloadUsage } = KeyUsageFlags
const authorityUsage: KeyUsageFlags = keyCertSign | cRLSign

/** Has a certificate signed by another one, or by its own key, which makes it a root. */
export async function makeCertificate(
  { publicKey, name, uris, isAuthority, pathLength, notBefore, notAfter }: CertificateContents,
  by: Signer | { readonly privateKey: KeyObject },
): Promise<X509Certificate> {
  const subject = [{ O: ["Network Service Mesh"] }, { CN: [name] }]
  const issuer = "certificate" in by ? new ReadCertificate(by.certificate.raw) : undefined
  const ownKey = publicKey.export({ type: "spki", format: "der" })
  const made = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer?.subjectName ?? subject,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    publicKey: ownKey,
    signingKey: signingKey(by.privateKey),
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(isAuthority, pathLength, true),
      new KeyUsagesExtension(isAuthority ? authorityUsage : workloadUsage, true),
      ...(isAuthority
        ? []
        : [
            new ExtendedKeyUsageExtension([
              ExtendedKeyUsage.serverAuth,
              ExtendedKeyUsage.clientAuth,
            ]),
          ]),
      ...(uris.length === 0
        ? []
        : [new SubjectAlternativeNameExtension(uris.map((value) => ({ type: "url", value })))]),
      await SubjectKeyIdentifierExtension.create(ownKey),
      await AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? ownKey),
    ],
  })
  return new X509Certificate(Buffer.from(made.rawData))
}

/** How every certificate here is signed. */
export const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const

/** An EC P-256 key in the form that the library signs with. */
export function signingKey(privateKey: KeyObject): webcrypto.CryptoKey {
  return privateKey.toCryptoKey(signingAlgorithm, false, ["sign"])
}

/** Positive, and too long to be guessed (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] ?? 0) & 0x7f || 1
  return bytes.toString("hex")
}
