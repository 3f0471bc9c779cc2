import { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Reads the certificates of a text; what stands between them is for people. */
export function parsePem(text: string, what: string): readonly X509Certificate[] {
  try {
    return (text.match(block) ?? []).map((each) => new X509Certificate(each))
  } catch (cause) {
    throw new NsmError("IDENTITY_INVALID", `${what} is no certificate in PEM`, { cause })
  }
}

/** Writes certificates one below the other. */
export function formatPem(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join("")
}
