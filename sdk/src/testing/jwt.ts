import { type KeyObject, sign } from "node:crypto"

/** What a token is made with. */
export interface JwtOptions {
  /** Signs it with ES256. @default a signature of nobody's */
  readonly key?: KeyObject
  /** @default the header of this protocol */
  readonly header?: unknown
}

/** A token with any claims, for tests of what reads tokens. */
export function jwt(
  claims: unknown,
  { key, header = { alg: "ES256", typ: "JWT" } }: JwtOptions = {},
): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const signed = `${part(header)}.${part(claims)}`
  const signature = key
    ? sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" })
    : Buffer.alloc(64)
  return `${signed}.${signature.toString("base64url")}`
}
