import { type Clock, systemClock } from "../core/clock.ts"
import type { Peer } from "../core/call.ts"

/** A text that says who asks, and until when that holds. */
export interface Token {
  readonly token: string
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number
}

/** Makes the tokens that go with calls and into paths. */
export interface TokenSource {
  /** A token for a peer; what is not known of the peer is left out of it. */
  token(peer: Peer | undefined): Token
}

/** How long tokens hold. */
export interface UnsignedTokensOptions {
  /** @default systemClock */
  clock?: Clock
  /** @default 10 minutes */
  lifetimeMs?: number
}

/** Empty tokens with an end: connections expire although nobody proves who they are. */
export function unsignedTokens({
  clock = systemClock,
  lifetimeMs = 600_000,
}: UnsignedTokensOptions = {}): TokenSource {
  return { token: () => ({ token: "", expiresAt: clock.now() + lifetimeMs }) }
}
