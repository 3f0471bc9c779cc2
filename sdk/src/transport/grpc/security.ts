import type { Duplex } from "node:stream"
import type { Peer } from "../../core/call.ts"
import type { NsmError } from "../../core/errors.ts"

/** A connection on which both sides know as much of each other as they can prove. */
export interface Secured {
  /** What HTTP/2 goes over. */
  readonly stream: Duplex
  /** What the other side proved of itself, or the kernel says of it. */
  readonly peer: Omit<Peer, "address" | "descriptors">
  /** When the first of the certificates ends; undefined where nothing was proven. */
  readonly expiresAt?: number
  /**
   * Calls `listener` when this side shows something else to whoever connects from now on, until it is
   * disposed; undefined where it shows nothing.
   */
  readonly onOutdated?: (listener: () => void) => Disposable
  /** Why, when the other side ends the connection before it has said anything on it. */
  readonly refused?: (failure: Error | undefined) => NsmError
}

/** How connections begin: who shows what to whom. Who hands a socket over closes it on failure. */
export interface Security {
  /** Handshake as the one who dialled. */
  client(socket: Duplex): Promise<Secured>
  /** Handshake as the one who was dialled. */
  server(socket: Duplex): Promise<Secured>
}

/** Nobody shows who they are, and nothing is encrypted. */
export const plaintext: Security = {
  client: async (stream) => ({ stream, peer: {} }),
  server: async (stream) => ({ stream, peer: {} }),
}
