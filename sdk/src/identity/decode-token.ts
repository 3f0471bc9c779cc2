import { createDecoder, TokenError } from "fast-jwt"
import { NsmError } from "../core/errors.ts"

/** What a token says. Decoding proves nothing; `verifiedTokens` does. */
export interface TokenClaims {
  /** SPIFFE id of who made it. */
  readonly subject: string
  /** SPIFFE ids of those it is meant for. A text alone is not what peers write, and no policy takes it. */
  readonly audience: readonly string[] | string | undefined
  /** Milliseconds since 1970-01-01T00:00:00Z; undefined when it does not end. */
  readonly expiresAt: number | undefined
}

/** Far above any token in use, and far below what would hurt to parse. */
const longest = 16 * 1024

const decode = createDecoder({ complete: true })

/** Reads a token without asking who signed it. Fails with TOKEN_INVALID, which never quotes the token. */
export function decodeToken(token: string): TokenClaims {
  if (token === "") throw invalid("it is empty")
  if (token.length > longest) throw invalid(`it has more than ${longest} characters`)
  const { header, payload, signature } = parts(token)
  if (header["alg"] !== "ES256") throw invalid("its algorithm is not ES256")
  if (signature === "") throw invalid("its signature is missing")
  return claims(payload)
}

interface Parts {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signature: string
}

function parts(token: string): Parts {
  try {
    return decode(token) as Parts
  } catch (failure) {
    throw invalid(failure instanceof TokenError ? complaint(failure) : "it cannot be read")
  }
}

/** The library's own words, which name a part and never quote it. */
function complaint({ message }: Error): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, "")}`
}

function claims({ sub, aud, exp }: Parts["payload"]): TokenClaims {
  if (typeof sub !== "string" || sub === "") throw invalid("its claim sub is no text")
  if (!isAudience(aud)) throw invalid("its claim aud is no list of texts")
  if (exp !== undefined && !isTime(exp)) throw invalid("its claim exp is no time in seconds")
  return { subject: sub, audience: aud, expiresAt: exp === undefined ? undefined : exp * 1000 }
}

function isAudience(aud: unknown): aud is string[] | string | undefined {
  return (
    aud === undefined ||
    typeof aud === "string" ||
    (Array.isArray(aud) && aud.every((each) => typeof each === "string"))
  )
}

/** Beyond 8.64e12 seconds no date can be made of it. */
function isTime(exp: unknown): exp is number {
  return typeof exp === "number" && Math.abs(exp) <= 8.64e12
}

function invalid(why: string): NsmError {
  return new NsmError("TOKEN_INVALID", `a token is no signed JSON Web Token: ${why}`)
}
