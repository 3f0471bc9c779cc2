import { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"

/** Writes roots in SPIFFE's bundle format (SPIFFE Trust Domain and Bundle, section 4). */
export function bundleDocument(roots: readonly X509Certificate[]): object {
  return {
    keys: roots.map((root) => ({
      use: "x509-svid",
      ...root.publicKey.export({ format: "jwk" }),
      x5c: [root.raw.toString("base64")],
    })),
  }
}

/** Writes roots as PEM. */
export function bundlePem(roots: readonly X509Certificate[]): string {
  return roots.map((root) => root.toString()).join("")
}

/**
 * Reads roots, in SPIFFE's bundle format or as PEM. Fails with INVALID_CONFIGURATION; `what` says
 * whose they are.
 */
export function readBundle(text: string, what: string): readonly X509Certificate[] {
  const found = text.trimStart().startsWith("{") ? inDocument(text, what) : inPem(text)
  const roots = found.map((bytes) => readRoot(bytes, what))
  if (roots.length > 0) return roots
  throw invalid(`${what} has no root: write PEM certificates, or SPIFFE's bundle format in JSON`)
}

function inPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
}

function inDocument(text: string, what: string): readonly Buffer[] {
  const { keys } = parsed(text, what)
  if (!Array.isArray(keys))
    throw invalid(`${what} has no list "keys", as SPIFFE's bundle format has it`)
  return (keys as readonly { use?: unknown; x5c?: unknown }[])
    .filter(({ use }) => use === "x509-svid")
    .map(({ x5c }) => Buffer.from(Array.isArray(x5c) ? String(x5c[0]) : "", "base64"))
}

function parsed(text: string, what: string): { keys?: unknown } {
  try {
    return JSON.parse(text) as { keys?: unknown }
  } catch (cause) {
    throw invalid(`${what} is no JSON`, cause)
  }
}

function readRoot(bytes: string | Buffer, what: string): X509Certificate {
  const root = certificate(bytes, what)
  if (root.ca) return root
  throw invalid(`a certificate of ${what} may not sign others, so it is no root`)
}

function certificate(bytes: string | Buffer, what: string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch (cause) {
    throw invalid(`a certificate of ${what} cannot be read`, cause)
  }
}

function invalid(text: string, cause?: unknown): NsmError {
  return new NsmError("INVALID_CONFIGURATION", text, { cause })
}
