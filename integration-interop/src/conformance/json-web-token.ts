import { type KeyObject, sign, verify, type X509Certificate } from "node:crypto"
import type { Credentials } from "./credentials.ts"

/** A token's parts, as they are written. */
export interface WrittenToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signature: Buffer
  /** What is signed. */
  readonly signed: string
}

/** What is not as it should be in a token that is made. */
export interface TokenDeviations {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject
}

/** Ten minutes, what all programs have unless they are told otherwise. */
const lifetimeSeconds = 600

/** Makes a token by hand, so that it can be wrong where a check wants it to be (RFC 7515, RFC 7519). */
export function writeToken(
  { id, key: ownKey }: Credentials,
  audience: string,
  { claims, key = ownKey }: TokenDeviations = {},
): string {
  const exp = Math.floor(Date.now() / 1000) + lifetimeSeconds
  const parts = [
    { alg: "ES256", typ: "JWT" },
    { sub: id, aud: [audience], exp, ...claims },
  ]
  const signed = parts.map((part) => encode(JSON.stringify(part))).join(".")
  return `${signed}.${encode(sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }))}`
}

/** Reads a token without a library, so that nothing is forgiven; undefined when it is none. */
export function readToken(token: string): WrittenToken | undefined {
  const [header = "", claims = "", signature = "", ...more] = token.split(".")
  if (more.length > 0 || signature === "") return undefined
  try {
    return {
      header: JSON.parse(decode(header).toString()) as WrittenToken["header"],
      claims: JSON.parse(decode(claims).toString()) as WrittenToken["claims"],
      signature: decode(signature),
      signed: `${header}.${claims}`,
    }
  } catch {
    return undefined
  }
}

/** Whether a token is signed with a certificate's key in the form of ES256 (RFC 7518, section 3.4). */
export function isSignedBy(
  { signature, signed }: WrittenToken,
  { publicKey: key }: X509Certificate,
): boolean {
  return verify("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }, signature)
}

function encode(content: string | Buffer): string {
  return Buffer.from(content).toString("base64url")
}

function decode(text: string): Buffer {
  return Buffer.from(text, "base64url")
}
