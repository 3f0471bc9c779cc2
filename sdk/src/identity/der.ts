import { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"

/** Puts certificates one behind the other, as SPIFFE's Workload API has them. */
export function joinCertificates(certificates: readonly X509Certificate[]): Uint8Array {
  return Buffer.concat(certificates.map(({ raw }) => raw))
}

/** Reads certificates that stand one behind the other, as ASN.1 DER. */
export function splitCertificates(bytes: Uint8Array, what: string): readonly X509Certificate[] {
  const certificates: X509Certificate[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + elementLength(bytes.subarray(at))
    if (!(end <= bytes.length)) throw broken(what)
    certificates.push(certificate(bytes.subarray(at, end), what))
    at = end
  }
  return certificates
}

function certificate(bytes: Uint8Array, what: string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch (cause) {
    throw broken(what, cause)
  }
}

/** Octets of the element at the beginning, with its tag and its length (X.690, 8.1.3); NaN if unclear. */
function elementLength(bytes: Uint8Array): number {
  const [, first = NaN] = bytes
  if (!(first > 0x80)) return 2 + first
  const octets = first & 0x7f
  const length = bytes.subarray(2, 2 + octets)
  if (octets > 4 || length.length < octets) return NaN
  return 2 + octets + length.reduce((sum, octet) => sum * 256 + octet, 0)
}

function broken(what: string, cause?: unknown): NsmError {
  return new NsmError("IDENTITY_INVALID", `${what} are no certificates in ASN.1 DER`, { cause })
}
