import type { X509Certificate } from "node:crypto"
import { createVerifier } from "fast-jwt"
import { type Clock, systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { decodeToken, type TokenClaims } from "./decode-token.ts"

/** Proves who made a token. */
export interface TokenVerifier {
  /**
   * What a token says that was signed with the key of a certificate; fails with TOKEN_INVALID for any
   * other. Whether it has ended, and for whom it is, is for policies to judge.
   */
  verify(token: string, certificate: X509Certificate): TokenClaims
}

/** How much is remembered. */
export interface VerifiedTokensOptions {
  /** @default systemClock */
  readonly clock?: Clock
  /** Tokens that are remembered at once. @default 4096 */
  readonly capacity?: number
}

interface Verified {
  readonly claims: TokenClaims
  /** Of the certificate. */
  readonly fingerprint: string
}

/** Certificates whose keys are kept ready. */
const mostKeys = 256

/**
 * Verifies each token once per certificate and remembers what it found until the token ends: a path is
 * looked at by several policies, and a token is sent again for as long as it is fresh.
 */
export function verifiedTokens({
  clock = systemClock,
  capacity = 4096,
}: VerifiedTokensOptions = {}): TokenVerifier {
  const verified = new Map<string, Verified>()
  const keys = new Map<string, (token: string) => void>()

  const keyOf = (certificate: X509Certificate): ((token: string) => void) => {
    const { fingerprint256 } = certificate
    const key = keys.get(fingerprint256) ?? keyFrom(certificate)
    return keep(keys, fingerprint256, key, mostKeys)
  }

  return {
    verify(token, certificate) {
      const fingerprint = certificate.fingerprint256
      const known = verified.get(token)
      if (known?.fingerprint === fingerprint && clock.now() < endOf(known.claims)) {
        return known.claims
      }
      const claims = decodeToken(token)
      try {
        keyOf(certificate)(token)
      } catch {
        throw new NsmError(
          "TOKEN_INVALID",
          `a token of ${claims.subject} is not signed with the key of its sender's certificate`,
        )
      }
      if (clock.now() < endOf(claims)) keep(verified, token, { claims, fingerprint }, capacity)
      return claims
    },
  }
}

function endOf({ expiresAt = Infinity }: TokenClaims): number {
  return expiresAt
}

function keyFrom({ publicKey }: X509Certificate): (token: string) => void {
  const key = publicKey.export({ type: "spki", format: "pem" })
  const isOfUse = publicKey.asymmetricKeyDetails?.namedCurve === "prime256v1"
  if (!isOfUse) throw new NsmError("IDENTITY_INVALID", "no EC P-256 key")
  return createVerifier({
    key,
    algorithms: ["ES256"],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  })
}

/** Puts an entry last, and drops the first when there are too many. */
function keep<T>(entries: Map<string, T>, key: string, entry: T, capacity: number): T {
  entries.delete(key)
  entries.set(key, entry)
  if (entries.size > capacity) {
    const [oldest] = entries.keys()
    if (oldest !== undefined) entries.delete(oldest)
  }
  return entry
}
