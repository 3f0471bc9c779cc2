import type { ClientHttp2Stream } from "node:http2"
import type { Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import type { Dialled } from "./dial.ts"
import type { Established } from "./establish.ts"
import type { HeaderList } from "./headers.ts"

/** What a connection is told. */
export interface ConnectionOptions {
  readonly clock: Clock
  /** Told when it was closed. */
  readonly onClosed: () => void
}

/** One connection to a URL, for as long as it can be used. */
export class Connection implements Disposable {
  readonly #dialled: Dialled
  readonly #clock: Clock
  /** From when on it is better to use another one, for a certificate is renewed or about to expire. */
  #renewAt: number
  #calls = 0
  #isRetired = false

  constructor(dialled: Dialled, { clock, onClosed }: ConnectionOptions) {
    this.#dialled = dialled
    this.#clock = clock
    this.#renewAt = renewalOf(dialled, clock)
    const renewal = dialled.onOutdated?.(() => (this.#renewAt = clock.now()))
    dialled.session.once("close", () => {
      renewal?.[Symbol.dispose]()
      onClosed()
    })
  }

  /** Who is at its other end. */
  get peer(): Peer {
    return this.#dialled.peer
  }

  /** Whether calls can be made. */
  get isReady(): boolean {
    return !this.isLost && !this.#dialled.session.closed
  }

  /** Whether it has ended, and all its calls with it. */
  get isLost(): boolean {
    const { session, stream } = this.#dialled
    return session.destroyed || stream.destroyed
  }

  /** Whether another one should take its place. */
  get isDue(): boolean {
    return this.#renewAt !== Infinity && this.#clock.now() >= this.#renewAt
  }

  /** Whether a certificate has expired. */
  get isExpired(): boolean {
    const { expiresAt } = this.#dialled
    return expiresAt !== undefined && this.#clock.now() >= expiresAt
  }

  /** Begins a call; headers of HTTP/2 come first. */
  request(path: string, headers: HeaderList): ClientHttp2Stream {
    const { session, peer } = this.#dialled
    const scheme = peer.certificate ? "https" : "http"
    return session.request([
      ...[":method", "POST", ":scheme", scheme, ":path", path, ":authority", "localhost"],
      ...headers,
    ])
  }

  /** Counts a call from now until it is over. */
  use(): Disposable {
    this.#calls += 1
    return {
      [Symbol.dispose]: () => {
        this.#calls -= 1
        if (this.#isRetired) this.#closeUnused()
      },
    }
  }

  /** Closes it as soon as the calls that use it are over. */
  retire(): void {
    this.#isRetired = true
    // A turn later, so that those who have just been given it use it by then.
    setImmediate(() => this.#closeUnused())
  }

  [Symbol.dispose](): void {
    this.#dialled.session.destroy()
  }

  #closeUnused(): void {
    if (this.#calls === 0) this.#dialled.session.close()
  }
}

/**
 * Early enough for the tokens of its calls, which end with its certificates, to last for a while, and
 * late enough for the next certificate to be there by then: that comes at half of a life.
 */
function renewalOf({ expiresAt }: Established, clock: Clock): number {
  if (expiresAt === undefined) return Infinity
  return expiresAt - (expiresAt - clock.now()) / 3
}
