import type { Clock, Token, TokenSource } from "@nsm/sdk"

/** Whose tokens, and how long they hold. */
export interface SimulatedTokensOptions {
  /** SPIFFE id of the process. */
  readonly id: string
  readonly clock: Clock
  readonly lifetimeMs: number
}

/** Within this time the last token for a peer serves again, as in real processes. */
const reuseMs = 1000

const header = part({ alg: "ES256", typ: "JWT" })
/** Nobody in here forges anything, and real signatures would cost more than all the rest. */
const signature = Buffer.alloc(64, 1).toString("base64url")

/** Tokens that say who made them, for whom, and until when; only their signatures are made up. */
export function simulatedTokens({ id, clock, lifetimeMs }: SimulatedTokensOptions): TokenSource {
  const made = new Map<string, Token & { readonly at: number }>()
  return {
    token(peer) {
      const now = clock.now()
      const audience = peer?.id ?? ""
      const known = made.get(audience)
      if (known && now - known.at < reuseMs) return known
      const exp = Math.floor((now + lifetimeMs) / 1000)
      const claims = part({ sub: id, ...(audience && { aud: [audience] }), exp })
      const token = { token: `${header}.${claims}.${signature}`, expiresAt: exp * 1000, at: now }
      made.set(audience, token)
      return token
    },
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url")
}
