import type { X509Certificate } from "node:crypto"
import { createSigner } from "fast-jwt"
import type { Peer } from "../core/call.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import type { Identity, IdentitySource, X509Svid } from "./identity.ts"
import type { Token, TokenSource } from "./token.ts"

/** Who signs, and how long that holds. */
export interface SignedTokensOptions {
  readonly source: IdentitySource
  /** @default systemClock */
  readonly clock?: Clock
  /** @default 10 minutes */
  readonly lifetimeMs?: number
}

/** Signing costs more than all the rest of a token; within this time the last one serves again. */
const reuseMs = 1000

/** More peers than this within a second are all the same to the cache. */
const mostAudiences = 1024

/** A token, and when it was made. */
interface Made extends Token {
  readonly at: number
}

/**
 * JSON Web Tokens with the own SPIFFE id as `sub` and the peer's as `aud`, signed with the key of the
 * certificate that the peer was shown. They end with that certificate at the latest; what is reported
 * of their end also heeds the peer's certificate.
 */
export function signedTokens({
  source,
  clock = systemClock,
  lifetimeMs = 600_000,
}: SignedTokensOptions): TokenSource {
  const signers = new WeakMap<X509Svid, (claims: object) => string>()
  // Connections outlast renewals, but what they began with is no longer the source's then; whether
  // or not anything was signed meanwhile.
  const known = new WeakMap<X509Certificate, X509Svid>()
  const remember = ({ svid }: Identity): X509Svid => {
    known.set(svid.certificates[0], svid)
    return svid
  }
  source.onChange(remember)
  try {
    remember(source.current)
  } catch {
    // There is none yet; the first one will be told.
  }
  const made = new WeakMap<X509Svid, Map<string, Made>>()

  const make = (svid: X509Svid, audience: string | undefined, at: number): Made => {
    const sign = signers.get(svid) ?? signerOf(svid)
    signers.set(svid, sign)
    const exp = Math.floor(Math.min(at + lifetimeMs, svid.expiresAt) / 1000)
    const claims = { sub: svid.id, ...(audience !== undefined && { aud: [audience] }), exp }
    return { token: sign(claims), expiresAt: exp * 1000, at }
  }

  return {
    token(peer) {
      const current = remember(source.current)
      const svid = (peer?.shown && known.get(peer.shown)) ?? current
      const now = clock.now()
      const key = peer?.id ?? ""
      const tokens = made.get(svid) ?? new Map<string, Made>()
      made.set(svid, tokens)
      let token = tokens.get(key)
      if (!token || now < token.at || now >= token.at + reuseMs) {
        token = make(svid, peer?.id, now)
        if (tokens.size >= mostAudiences) tokens.clear()
        tokens.set(key, token)
      }
      return { token: token.token, expiresAt: Math.min(token.expiresAt, endOf(peer)) }
    },
  }
}

/** Other keys would make tokens that no peer can check. */
function signerOf({ id, privateKey }: X509Svid): (claims: object) => string {
  if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    const kind = privateKey.asymmetricKeyType ?? "secret"
    throw new NsmError("IDENTITY_INVALID", `the key of ${id} cannot sign tokens, it is ${kind}`, {
      remedy: "Have identities issued with EC P-256 keys.",
    })
  }
  const key = privateKey.export({ type: "pkcs8", format: "pem" })
  return createSigner({ key, algorithm: "ES256", noTimestamp: true })
}

function endOf(peer: Peer | undefined): number {
  return peer?.certificate?.validToDate.getTime() ?? Infinity
}
