import { X509Certificate } from "node:crypto"

/**
 * A certificate as Rego's `crypto.x509.parse_certificates` describes it, as far as policies about
 * SPIFFE ids need it: names, URIs, validity, serial number, and whether it is an authority's.
 */
export function x509Document(certificate: X509Certificate): object {
  const names = alternativeNames(certificate)
  const uris = names("URI")
  return {
    Subject: distinguishedName(certificate.subject),
    Issuer: distinguishedName(certificate.issuer),
    SerialNumber: BigInt(`0x${certificate.serialNumber}`).toString(),
    NotBefore: certificate.validFromDate.toISOString(),
    NotAfter: certificate.validToDate.toISOString(),
    IsCA: certificate.ca,
    DNSNames: names("DNS"),
    EmailAddresses: names("email"),
    IPAddresses: names("IP Address"),
    URIs: uris.map((uri) => urlDocument(uri)),
    URIStrings: uris,
  }
}

/** Reads the certificates in PEM text, or in the base64 of DER. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  return (blocks ?? [Buffer.from(text, "base64")]).map((block) => new X509Certificate(block))
}

/** Whether certificates, from a root to a leaf, each issued the next and are all in force. */
export function isChain(chain: readonly X509Certificate[], now: number): boolean {
  return (
    chain.length > 1 &&
    chain.every((each, index) => {
      const issuer = chain[Math.max(0, index - 1)]
      const isInForce = each.validFromDate.getTime() <= now && now <= each.validToDate.getTime()
      return issuer?.ca && each.checkIssued(issuer) && each.verify(issuer.publicKey) && isInForce
    })
  )
}

function alternativeNames({ subjectAltName = "" }: X509Certificate) {
  return (kind: string): readonly string[] =>
    subjectAltName
      .split(", ")
      .filter((name) => name.startsWith(`${kind}:`))
      .map((name) => name.slice(kind.length + 1))
}

function distinguishedName(text: string | undefined): object {
  const parts = (text ?? "").split("\n").map((line) => line.split(/=(.*)/s))
  const all = (short: string): readonly string[] =>
    parts.flatMap(([name, value]) => (name === short && value !== undefined ? [value] : []))
  return {
    CommonName: all("CN")[0] ?? "",
    Country: all("C"),
    Organization: all("O"),
    OrganizationalUnit: all("OU"),
  }
}

function urlDocument(text: string): object {
  const url = URL.parse(text)
  return {
    Scheme: url?.protocol.slice(0, -1) ?? "",
    Host: url?.host ?? "",
    Path: url?.pathname ?? "",
  }
}
